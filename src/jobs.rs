//! The jobs: what has to be done again and again while the server runs. Every minute forgets what
//! has expired; beside that the keys are kept, the letters are delivered, and clients
//! are told that sessions have ended.

pub mod keys;
pub mod letters;
pub mod logout;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    authorization_code, client, device_code, event, failure_counter, known_device, limit_counter,
    outbox, pushed_request, revoked_token, seen_token, session, token_family, upstream_arrival,
    upstream_flow, value::EventKind, verification_token,
};
use sea_orm::DbErr;

use crate::{
    accounts::removal,
    app::App,
    authorization::{CONSTANTS_SEEN, LIFE},
    devices::REMEMBERED,
};

const EVERY: Duration = Duration::from_secs(60);
/// How long the event log goes back. It holds addresses of people, so not for ever.
const EVENTS_KEEP: TimeDelta = TimeDelta::days(365);

/// A browser that was not used for so long is as good as new.
const DEVICES_KEEP: TimeDelta = TimeDelta::days(400);

/// How long events about nobody are kept, such as sign-ins with an address that nobody has.
const NAMELESS_KEEP: TimeDelta = TimeDelta::days(7);

/// The kinds that strangers make.
const OF_STRANGERS: [EventKind; 4] = [
    EventKind::SignInFailed,
    EventKind::SignInHeldUp,
    EventKind::RecoveryAsked,
    EventKind::ProviderFailed,
];

/// Does the jobs until it is dropped.
pub async fn run(app: App) {
    tokio::join!(
        every_minute(&app),
        keys::run(&app),
        letters::run(&app),
        logout::run(&app)
    );
}

/// What fails is logged and done again a minute later.
async fn every_minute(app: &App) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let now = app.clock.now();
        match sweep(app, now).await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "forgot what had expired"),
            Err(error) => tracing::warn!(%error, "what has expired could not be forgotten"),
        }
    }
}

/// Forgets what had expired at `now`. Answers how many rows went.
pub async fn sweep(app: &App, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let db = &app.db.write;
    // A replayed code must still find what to end (RFC 6749 §4.1.2), and what a client sent a day
    // ago is still compared.
    let no_token_lives = now - app.config.tokens.access();
    let nothing_to_find = no_token_lives.min(now - CONSTANTS_SEEN);
    let mut rows = authorization_code::sweep(db, nothing_to_find).await?;
    rows += token_family::sweep(db, no_token_lives).await?;
    rows += revoked_token::sweep(db, now).await?;
    // Whoever came in time may take as long as any other request lives.
    rows += pushed_request::sweep(db, now - LIFE).await?;
    rows += seen_token::sweep(db, now).await?;
    rows += device_code::sweep(db, now - REMEMBERED).await?;
    rows += limit_counter::sweep(db, now).await?;
    rows += failure_counter::sweep(db, now).await?;
    rows += known_device::sweep(db, now - DEVICES_KEEP).await?;
    rows += session::sweep(db, now).await?;
    rows += verification_token::sweep(db, now).await?;
    rows += upstream_flow::sweep(db, now).await?;
    rows += upstream_arrival::sweep(db, now).await?;
    rows += outbox::sweep(db, now).await?;
    let unused = app.config.registration.unused();
    rows += client::sweep_unused(db, now - unused).await?;
    rows += event::sweep(db, now - EVENTS_KEEP).await?;
    rows += event::sweep_nameless(db, &OF_STRANGERS, now - NAMELESS_KEEP).await?;
    rows += removal::remove_due(app, now).await?;
    Ok(rows)
}
