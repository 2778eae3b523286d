//! The keys: twice a minute the calendar is looked at, and what another process or the command line
//! did with the keys is seen.

use std::time::Duration;

use crate::{app::App, keys::calendar};

/// Half of the minute within which a change must be seen.
const EVERY: Duration = Duration::from_secs(30);

/// Keeps the keys until it is dropped. What fails is logged and done again the next time.
pub async fn run(app: &App) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = calendar::turn(app).await {
            tracing::warn!(
                error = format!("{error:#}"),
                "the signing keys could not be kept"
            );
        }
    }
}
