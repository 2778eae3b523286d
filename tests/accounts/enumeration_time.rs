//! EN-2: signing up takes the same time, whoever has the address.

use std::time::{Duration, Instant};

use doorward::paths;

use super::enumeration::{ALL, furnished};
use crate::{pages::world::GRACE, support::database::Database};

#[expect(
    clippy::disallowed_methods,
    reason = "measures how long an answer takes"
)]
fn now() -> Instant {
    Instant::now()
}

fn median(samples: &[Duration]) -> Duration {
    let mut samples = samples.to_vec();
    samples.sort();
    samples[samples.len() / 2]
}

/// How many samples make a round, and how many rounds there are before the test gives up.
const SAMPLES: usize = 15;
const ROUNDS: usize = 6;

/// As that of the sign-in page: what matters is that nobody is spared the hash, and a leak stays
/// where noise does not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn en_2_one_time_whoever_has_the_address() {
    let house = furnished(Database::sqlite().await, |config| {
        config.limits.sign_ups = 1_000_000;
        config.limits.letters = 1_000_000;
        config.limits.letters_by_address = 1_000_000;
        config.passwords.passes = Some(3);
    })
    .await;
    let mut samples: [Vec<Duration>; ALL.len()] = Default::default();
    let mut medians = Vec::new();
    for _ in 0..ROUNDS {
        for _ in 0..SAMPLES {
            for (email, samples) in ALL.into_iter().zip(&mut samples) {
                let mut browser = house.browser();
                browser.get(paths::REGISTER).await;
                let typed = [("email", email), ("password", GRACE.password)];
                let start = now();
                browser.submit("#register-form", &typed).await.is(303);
                samples.push(start.elapsed());
            }
        }
        medians = samples.iter().map(|samples| median(samples)).collect();
        let (least, most) = (medians.iter().min(), medians.iter().max());
        let (least, most) = least.zip(most).expect("medians");
        if *most - *least < *least / 3 {
            return;
        }
    }
    panic!("{ALL:?} took {medians:?}");
}
