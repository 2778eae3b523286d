//! EN-2: signing up takes the same time, whoever has the address.

use std::time::Duration;

use doorward::paths;

use super::enumeration::{ALL, furnished};
use crate::{
    pages::world::GRACE,
    support::{
        database::Database,
        stopwatch::{take_one_time, timed},
    },
};

/// As that of the sign-in page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn en_2_one_time_whoever_has_the_address() {
    let house = furnished(Database::sqlite().await, |config| {
        config.limits.sign_ups = 1_000_000;
        config.limits.letters = 1_000_000;
        config.limits.letters_by_address = 1_000_000;
        config.passwords.passes = Some(3);
    })
    .await;
    take_one_time(ALL, (15, Duration::ZERO), async |email| {
        let mut browser = house.browser();
        browser.get(paths::REGISTER).await;
        let typed = [("email", email), ("password", GRACE.password)];
        timed(async { browser.submit("#register-form", &typed).await.is(303) }).await
    })
    .await;
}
