//! The jobs: what has to be done again and again while the server runs. Every minute forgets what
//! has expired and reads the keys anew.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    authorization_code, event, outbox, revoked_token, session, token_family, verification_token,
};
use sea_orm::DbErr;

use crate::app::App;

const EVERY: Duration = Duration::from_secs(60);
/// How long the event log goes back. It holds addresses of people, so not for ever.
const EVENTS_KEEP: TimeDelta = TimeDelta::days(365);

/// Does the jobs until it is dropped. One that fails is logged and done again a minute later.
pub async fn run(app: App) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let now = app.clock.now();
        match sweep(&app, now).await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "forgot what had expired"),
            Err(error) => tracing::warn!(%error, "what has expired could not be forgotten"),
        }
        // Another process may have turned the keys.
        if let Err(error) = app.keyring.reload(&app.db, &app.sealer, now).await {
            tracing::warn!(%error, "the signing keys could not be read anew");
        }
    }
}

/// Forgets what had expired at `now`. Answers how many rows went.
pub async fn sweep(app: &App, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let db = &app.db.write;
    // An access token that came of a code or family lives on for so long after it, and a replayed
    // code must still find what to end (RFC 6749 §4.1.2).
    let no_token_lives = now - app.config.tokens.access();
    let mut rows = authorization_code::sweep(db, no_token_lives).await?;
    rows += token_family::sweep(db, no_token_lives).await?;
    rows += revoked_token::sweep(db, now).await?;
    rows += session::sweep(db, now).await?;
    rows += verification_token::sweep(db, now).await?;
    rows += outbox::sweep(db, now).await?;
    rows += event::sweep(db, now - EVENTS_KEEP).await?;
    Ok(rows)
}
