//! The letters' job: carries what is due from the outbox to the mail server, again and later when
//! it was not taken, and never later than what a letter holds lives.

use std::time::Duration;

use chrono::TimeDelta;
use entity::outbox::{self, Model};
use futures_util::{StreamExt, stream};
use sea_orm::DbErr;
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use crate::{
    app::App,
    mail::{
        self,
        delivery::{Mailer, Undelivered},
    },
};

/// How often to look. Waking up for one indexed read costs less than telling every transaction
/// that writes a letter to say so when it has committed.
const EVERY: Duration = Duration::from_secs(2);
/// How many are taken along on one way.
const ROUND: u64 = 64;
/// How many are under way at once, each on a connection of its own.
const AT_ONCE: usize = 4;
/// How long after the server's last moment a letter that nobody told about is given up for lost,
/// and carried again.
const GRACE: TimeDelta = TimeDelta::seconds(60);

/// Delivers until it is dropped. Where no server is set it says so and ends.
pub async fn run(app: &App) {
    let Some(mailer) = &app.mailer else {
        if !app.config.development {
            tracing::warn!("letters are kept and not sent: mail.server is not set");
        }
        return;
    };
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = deliver(app, mailer).await {
            tracing::warn!(%error, "the outbox could not be read");
        }
    }
}

/// Carries everything whose turn it is. Answers how many letters were taken.
pub async fn deliver(app: &App, mailer: &Mailer) -> Result<usize, DbErr> {
    let mut taken = 0;
    loop {
        let due = outbox::due(&app.db.read, app.clock.now(), ROUND).await?;
        if due.is_empty() {
            return Ok(taken);
        }
        let mut ways = stream::iter(due)
            .map(|id| carry(app, mailer, id))
            .buffer_unordered(AT_ONCE);
        let mut broken = Ok(());
        while let Some(way) = ways.next().await {
            // Whatever happened to one, the others are not called back half-way.
            match way {
                Ok(was_taken) => taken += usize::from(was_taken),
                Err(error) => broken = Err(error),
            }
        }
        broken?;
    }
}

/// Carries one letter, unless somebody else does already. Answers whether it was taken.
async fn carry(app: &App, mailer: &Mailer, id: Uuid) -> Result<bool, DbErr> {
    let db = &app.db.write;
    let now = app.clock.now();
    let lease = now + GRACE + mailer.patience;
    let Some(row) = outbox::claim(db, id, now, lease).await? else {
        return Ok(false);
    };
    let (letter, kind, attempts) = (row.id, row.kind, row.attempts);
    let end = attempt(app, mailer, &row).await;
    let now = app.clock.now();
    let again = now + until_next(attempts);
    match end {
        Ok(()) => {
            outbox::sent(db, &row, now).await?;
            tracing::info!(%letter, ?kind, attempts, "a letter was sent");
            return Ok(true);
        }
        Err(Undelivered::NotNow(reason)) if again < row.expires_at => {
            outbox::later(db, &row, again).await?;
            tracing::warn!(%letter, ?kind, attempts, reason, "a letter was not taken; it is tried again");
        }
        Err(Undelivered::NotNow(reason) | Undelivered::Refused(reason)) => {
            outbox::failed(db, &row, now).await?;
            tracing::warn!(%letter, ?kind, attempts, reason, "a letter was not taken; it is given up");
        }
    }
    Ok(false)
}

async fn attempt(app: &App, mailer: &Mailer, row: &Model) -> Result<(), Undelivered> {
    let letter = mail::open(&app.sealer, row)
        .map_err(|_| Undelivered::Refused("it was sealed with another root secret".to_owned()))?;
    let left = row.expires_at - app.clock.now();
    let patience = mailer.patience.min(left.to_std().unwrap_or_default());
    mailer.deliver(row, &letter, patience).await
}

/// How long to wait after so many attempts.
fn until_next(attempts: i32) -> TimeDelta {
    match attempts {
        ..=1 => TimeDelta::seconds(10),
        2 => TimeDelta::minutes(1),
        3 => TimeDelta::minutes(5),
        4 => TimeDelta::minutes(30),
        _ => TimeDelta::hours(1),
    }
}
