//! Making keys, apart from the threads that answer requests, and outside of any transaction: an RSA
//! key takes longer than a database should wait.

use chrono::{DateTime, Utc};
use entity::{signing_key::ActiveModel, value::SigningAlg};

use crate::{app::App, crypto::keyring::half};

/// A new key of each algorithm, as rows that sign from the time beside it.
pub(super) async fn make(
    app: &App,
    wanted: Vec<(SigningAlg, DateTime<Utc>)>,
) -> anyhow::Result<Vec<(SigningAlg, ActiveModel)>> {
    let (app, now) = (app.clone(), app.clock.now());
    let made = tokio::task::spawn_blocking(move || {
        let one = |(alg, signs_from)| Ok((alg, half::make(alg, &app.sealer, now, signs_from)?));
        wanted.into_iter().map(one).collect()
    });
    made.await?
}
