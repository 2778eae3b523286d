//! Who is let in, who is served, and what is given back.

use std::sync::{
    atomic::{AtomicBool, AtomicUsize},
    mpsc,
};

use super::*;

/// How many places there are, until the first refusal.
fn places(pool: &Pool) -> usize {
    let taken: Vec<Place> = std::iter::from_fn(|| pool.admit(Work::Hash).ok()).collect();
    taken.len()
}

#[test]
fn nobody_is_let_in_who_would_have_to_wait_for_longer_than_a_second() {
    let of = |threads, millis| places(&Pool::start(threads, Duration::from_millis(millis)));
    assert_eq!(of(1, 100), 11);
    assert_eq!(of(2, 100), 21);
    assert_eq!(of(1, 400), 3);
    // However slow: where nobody waits, the next one is served.
    assert_eq!(of(1, 60_000), 1);
    // However quick: only so many wait.
    assert_eq!(of(2, 1), QUEUE + 2);
}

#[test]
fn do_2_a_place_that_is_not_used_is_given_back_and_a_refusal_is_counted() {
    let pool = Pool::start(1, Duration::from_millis(400));
    let mut taken: Vec<Place> = (0..3).map(|_| pool.admit(Work::Hash).unwrap()).collect();
    assert_eq!(pool.admit(Work::Hash).unwrap_err(), Busy);
    assert_eq!(pool.admit(Work::Estimate).unwrap_err(), Busy);
    assert_eq!(pool.refused(), 2);
    taken.pop();
    taken.push(pool.admit(Work::Hash).unwrap());
    assert!(pool.admit(Work::Hash).is_err());
    taken.clear();
    assert_eq!(places(&pool), 3);
}

#[tokio::test]
async fn what_work_takes_is_learnt() {
    let pool = Pool::start(1, Duration::from_millis(400));
    assert_eq!(places(&pool), 3);
    for _ in 0..100 {
        let place = pool.admit(Work::Hash).unwrap();
        pool.run(place, |_| ()).await.unwrap();
    }
    assert_eq!(places(&pool), QUEUE + 1);
}

#[tokio::test]
async fn do_2_no_more_is_done_at_once_than_there_are_threads() {
    let pool = Pool::start(2, Duration::from_millis(1));
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let runs = (0..40).map(|_| {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        pool.run(pool.admit(Work::Hash).unwrap(), move |_| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            thread::yield_now();
            now.fetch_sub(1, Ordering::SeqCst);
        })
    });
    for run in futures_util::future::join_all(runs).await {
        run.unwrap();
    }
    assert!((1..=2).contains(&most.load(Ordering::SeqCst)));
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_not_done() {
    let pool = Pool::start(1, Duration::from_millis(1));
    let (release, held) = mpsc::channel::<()>();
    let first = pool.run(pool.admit(Work::Hash).unwrap(), move |_| held.recv().ok());
    let done = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&done);
    let left = pool.run(pool.admit(Work::Hash).unwrap(), move |_| {
        seen.store(true, Ordering::SeqCst);
    });
    let (mut first, mut left) = (Box::pin(first), Box::pin(left));
    // Both are asked for, and the second asker goes away while the first keeps the thread.
    assert!(futures_util::poll!(first.as_mut()).is_pending());
    assert!(futures_util::poll!(left.as_mut()).is_pending());
    drop(left);
    release.send(()).unwrap();
    first.await.unwrap();
    let last = pool.run(pool.admit(Work::Hash).unwrap(), |_| ());
    last.await.unwrap();
    assert!(!done.load(Ordering::SeqCst));
    assert_eq!(pool.0.ledger().places, 0);
}

#[tokio::test]
async fn a_panic_costs_its_asker_the_answer_and_nobody_else() {
    let pool = Pool::start(1, Duration::from_millis(1));
    let place = pool.admit(Work::Hash).unwrap();
    let broken = pool.run(place, |_| panic!("on purpose")).await;
    assert_eq!(broken, Err(Busy));
    let place = pool.admit(Work::Hash).unwrap();
    assert_eq!(pool.run(place, |_| 7).await, Ok(7));
    assert_eq!(pool.0.ledger().places, 0);
}

#[tokio::test]
async fn the_threads_end_with_the_pool_and_leave_nothing_behind() {
    let pool = Pool::start(2, Duration::from_millis(1));
    let shared = Arc::downgrade(&pool.0);
    let (release, held) = mpsc::channel::<()>();
    for held in [Some(held), None] {
        let job = move |_: &mut Vec<Block>| held.map(|held| held.recv());
        let mut run = Box::pin(pool.run(pool.admit(Work::Hash).unwrap(), job));
        let _ = futures_util::poll!(run.as_mut());
    }
    drop(pool);
    drop(release);
    while shared.strong_count() > 0 {
        thread::yield_now();
    }
}
