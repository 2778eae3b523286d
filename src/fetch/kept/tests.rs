//! Nobody fills the memory with documents, and nobody's pauses are forgotten for somebody else's.

use serde_json::json;

use super::*;

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
}

/// Wants and keeps a document there, which is `json`.
fn keep(kept: &Kept, url: &str, json: Value, now: DateTime<Utc>) {
    let place = kept.place(url, now);
    kept.keep(url, &place, &Arc::new(json), now);
}

fn documents(kept: &Kept) -> usize {
    let spots = kept.spots();
    spots
        .values()
        .filter(|spot| spot.document.is_some())
        .count()
}

#[test]
fn at_most_64_documents_are_kept_and_those_that_are_wanted_stay() {
    let kept = Kept::default();
    keep(
        &kept,
        "https://own.example/keys",
        json!({ "keys": [] }),
        start(),
    );
    for n in 0..200 {
        let now = start() + TimeDelta::milliseconds(n);
        kept.place("https://own.example/keys", now);
        keep(&kept, &format!("https://h{n}.example/"), json!({}), now);
    }
    assert_eq!(documents(&kept), DOCUMENTS);
    let now = start() + TimeDelta::seconds(1);
    assert!(kept.document("https://own.example/keys", now).is_some());
    assert!(kept.document("https://h199.example/", now).is_some());
    assert!(kept.document("https://h0.example/", now).is_none());
}

#[test]
fn what_is_old_is_forgotten_and_not_only_unused() {
    let kept = Kept::default();
    for n in 0..10 {
        keep(&kept, &format!("https://h{n}.example/"), json!({}), start());
    }
    let later = start() + FRESH;
    assert!(kept.document("https://h0.example/", later).is_none());
    kept.place("https://other.example/", later);
    assert_eq!(documents(&kept), 0);
    assert_eq!(kept.spots().len(), 1);
}

#[test]
fn documents_together_weigh_no_more_than_8_mib() {
    let kept = Kept::default();
    let heavy = json!(vec![1; 32 * 1024]);
    assert!(weight(&heavy) > 2 << 20, "{}", weight(&heavy));
    for n in 0..10 {
        let now = start() + TimeDelta::milliseconds(n);
        keep(&kept, &format!("https://h{n}.example/"), heavy.clone(), now);
        let spots = kept.spots();
        let all = spots.values().filter_map(|spot| spot.document.as_ref());
        let together: usize = all.map(|document| document.weight).sum();
        assert!(together <= HEAVIEST, "{together}");
    }
    assert_eq!(documents(&kept), 2);
}

#[test]
fn one_host_pushes_out_no_pause_of_another() {
    let kept = Kept::default();
    let own = "https://own.example/keys";
    let failed = start();
    kept.place(own, failed).try_lock().expect("nobody").failed = Some(failed);
    for n in 0..5000 {
        let now = start() + TimeDelta::milliseconds(n);
        kept.place(&format!("https://many.example/{n}"), now);
    }
    assert_eq!(kept.spots().len(), 1 + PER_HOST);
    let place = kept.place(own, start() + TimeDelta::seconds(5));
    assert_eq!(place.try_lock().expect("nobody").failed, Some(failed));
}

#[test]
fn there_are_at_most_1024_places_and_those_that_wait_stay() {
    let kept = Kept::default();
    let waits = kept.place("https://waits.example/", start());
    for n in 0..3000 {
        let now = start() + TimeDelta::milliseconds(n);
        kept.place(&format!("https://h{n}.example/"), now);
    }
    assert_eq!(kept.spots().len(), PLACES);
    let again = kept.place("https://waits.example/", start() + TimeDelta::seconds(4));
    assert!(Arc::ptr_eq(&waits, &again));
}
