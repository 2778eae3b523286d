//! What the calendar does with the keys: makes the next one when it is time, destroys the private
//! half of one that is no longer published, and forgets one that nobody will come back with.

use chrono::{DateTime, Utc};
use entity::{
    signing_key::{self, Model},
    value::{EventKind, SigningAlg},
};
use sea_orm::{DbErr, Iterable};

use super::make::make;
use crate::{
    app::App,
    config::Keys,
    events::{self, About},
};

/// When the successor of the key of `alg` is to sign, if it is time to publish one.
pub fn due(
    all: &[Model],
    alg: SigningAlg,
    keys: &Keys,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let turn = next_turn(all, alg, keys, now)?;
    let has_next = signing_key::next(all, alg, now).is_some();
    let publish = keys.published_before();
    // After a standstill the day may be past: published it must be all the same before it signs.
    (!has_next && turn - publish <= now).then(|| turn.max(now + publish))
}

/// When another key of `alg` begins to sign: the one that is published, or one that will be.
pub fn next_turn(
    all: &[Model],
    alg: SigningAlg,
    keys: &Keys,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    if let Some(next) = signing_key::next(all, alg, now) {
        return Some(next.signs_from);
    }
    let current = signing_key::current(all, alg, now)?;
    Some(current.signs_from + keys.signs()?)
}

/// Does what is due, and reads the keys anew: another process may have done it. Of several processes
/// one does it. Answers the algorithms that got their next key.
pub async fn turn(app: &App) -> anyhow::Result<Vec<SigningAlg>> {
    let turned = publish(app).await?;
    let now = app.clock.now();
    app.keyring.reload(&app.db, &app.sealer, now).await?;
    if lay_down(app, now).await? {
        app.keyring.reload(&app.db, &app.sealer, now).await?;
    }
    Ok(turned)
}

async fn publish(app: &App) -> anyhow::Result<Vec<SigningAlg>> {
    let (keys, now) = (&app.config.keys, app.clock.now());
    let wanted = all_due(&signing_key::all(&app.db.read).await?, keys, now);
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let made = make(app, wanted.clone()).await?;
    let tx = app.db.begin().await?;
    signing_key::alone(&tx).await?;
    // Somebody else may have done it while we made ours.
    let still = all_due(&signing_key::all(&tx).await?, keys, now);
    let mut turned = Vec::new();
    for ((alg, signs_from), (_, row)) in wanted.into_iter().zip(made) {
        if still.iter().any(|(due, _)| *due == alg) {
            let until = signs_from + keys.published_after();
            signing_key::retire(&tx, alg, now, until).await?;
            signing_key::add(&tx, row).await?;
            events::record(&tx, EventKind::KeysTurned, About::default(), now).await?;
            turned.push(alg);
        }
    }
    tx.commit().await?;
    for alg in &turned {
        tracing::info!(alg = alg.name(), "published the next signing key");
    }
    Ok(turned)
}

fn all_due(all: &[Model], keys: &Keys, now: DateTime<Utc>) -> Vec<(SigningAlg, DateTime<Utc>)> {
    SigningAlg::iter()
        .filter_map(|alg| Some((alg, due(all, alg, keys, now)?)))
        .collect()
}

/// Answers whether there was anything to lay down.
async fn lay_down(app: &App, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let db = &app.db.write;
    let outlived = app.keyring.outlived(&app.sealer);
    let any = !outlived.is_empty();
    for (kid, public) in outlived {
        signing_key::strip(db, &kid, public, now).await?;
    }
    let gone = signing_key::sweep(db, now - app.config.keys.remembered()).await?;
    Ok(any || gone > 0)
}
