//! Stopwatch: whether requests take one time, as far as the noise of a busy machine lets anybody see.

use std::{
    fmt,
    time::{Duration, Instant},
};

/// How often it is looked, each time at everything that was measured so far, before it is given up.
const ROUNDS: usize = 6;

/// How long something takes.
#[expect(
    clippy::disallowed_methods,
    reason = "measures how long an answer takes"
)]
pub async fn timed<T>(work: impl Future<Output = T>) -> Duration {
    let start = Instant::now();
    work.await;
    start.elapsed()
}

/// Measures each of `all` in turn, `samples` times in a round, until their medians lie within a third
/// of the least, or within `noise` if that is more: what matters is that nobody is spared the hash, and
/// a leak stays where noise does not.
pub async fn take_one_time<T: Copy + fmt::Debug, const N: usize>(
    all: [T; N],
    (samples, noise): (usize, Duration),
    mut measure: impl AsyncFnMut(T) -> Duration,
) {
    let mut taken: [Vec<Duration>; N] = [const { Vec::new() }; N];
    let mut medians = Vec::new();
    for _ in 0..ROUNDS {
        for _ in 0..samples {
            for (one, taken) in all.into_iter().zip(&mut taken) {
                taken.push(measure(one).await);
            }
        }
        medians = taken.iter().map(|taken| median(taken)).collect();
        let (least, most) = (medians.iter().min(), medians.iter().max());
        let (least, most) = least.zip(most).expect("medians");
        if *most - *least < (*least / 3).max(noise) {
            return;
        }
    }
    panic!("{all:?} took {medians:?}");
}

/// The middle of the samples.
fn median(samples: &[Duration]) -> Duration {
    let mut samples = samples.to_vec();
    samples.sort();
    samples[samples.len() / 2]
}
