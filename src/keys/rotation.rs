//! What an operator does with the keys: turns them in good time, or at once when one was stolen.

use entity::{
    signing_key::{self, Model},
    value::{EventKind, SigningAlg},
};
use sea_orm::{DatabaseTransaction, DbErr};

use super::make::make;
use crate::{
    app::App,
    events::{self, About},
};

/// What is to be turned, and how.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub algs: Vec<SigningAlg>,
    /// A new key signs at once, and the one before stops at once. Relying parties that cache do not
    /// know the new one yet.
    pub now: bool,
    /// Keys that are no longer ours: with [`Wanted::now`], they vanish with all that they signed.
    pub forget: Vec<String>,
}

/// The key of an algorithm that signs next, or now.
#[derive(Clone, Debug)]
pub struct Turned {
    pub key: Model,
    /// False where somebody had made it already: nothing was to be done.
    pub is_new: bool,
}

/// Why nothing was turned.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    #[error("there is no key {0}")]
    Unknown(String),
    #[error("{kid} is a key of {}, which is not turned; turn that too", alg.name())]
    StillSigns { kid: String, alg: SigningAlg },
    #[error("a key is forgotten only while the keys are turned at once")]
    OnlyAtOnce,
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<DbErr> for RotationError {
    fn from(error: DbErr) -> Self {
        Self::Unexpected(error.into())
    }
}

/// Turns the keys. Whoever asks at the same moment gets the same key; one that is published already
/// and waits for its time is not made twice.
pub async fn rotate(app: &App, wanted: &Wanted, by: &About) -> Result<Vec<Turned>, RotationError> {
    let now = app.clock.now();
    let seen = signing_key::all(&app.db.read).await?;
    check(wanted, &seen)?;
    let signs_from = match wanted.now {
        true => now,
        false => now + app.config.keys.published_before(),
    };
    let missing = wanted.algs.iter().filter(|alg| {
        // In an emergency the next one may be stolen too: it has lain in the same table.
        wanted.now || signing_key::next(&seen, **alg, now).is_none()
    });
    let made = make(app, missing.map(|alg| (*alg, signs_from)).collect()).await?;

    let tx = app.db.begin().await?;
    signing_key::alone(&tx).await?;
    let standing = signing_key::all(&tx).await?;
    let mut new = Vec::new();
    for (alg, row) in made {
        let is_new = |key: &&Model| key.alg == alg && seen.iter().all(|one| one.kid != key.kid);
        // What the calendar published meanwhile does not save an emergency.
        let does = |key: &Model| !wanted.now || key.signs_from <= key.created_at;
        if standing.iter().filter(is_new).any(does) {
            continue;
        }
        if wanted.now {
            signing_key::withdraw(&tx, alg, now).await?;
        }
        let until = signs_from + app.config.keys.published_after();
        signing_key::retire(&tx, alg, now, until).await?;
        signing_key::add(&tx, row).await?;
        events::record(&tx, EventKind::KeysTurned, by.clone(), now).await?;
        new.push(alg);
    }
    forget(&tx, &wanted.forget).await?;
    let after = signing_key::all(&tx).await?;
    tx.commit().await?;
    app.keyring
        .reload(&app.db, &app.sealer, now)
        .await
        .map_err(anyhow::Error::from)?;
    let now = app.clock.now();
    let turned = wanted.algs.iter().filter_map(|alg| {
        let key = match wanted.now {
            true => signing_key::current(&after, *alg, now),
            false => signing_key::next(&after, *alg, now),
        };
        Some(Turned {
            key: key?.clone(),
            is_new: new.contains(alg),
        })
    });
    Ok(turned.collect())
}

fn check(wanted: &Wanted, all: &[Model]) -> Result<(), RotationError> {
    if !wanted.now && !wanted.forget.is_empty() {
        return Err(RotationError::OnlyAtOnce);
    }
    for kid in &wanted.forget {
        let key = all.iter().find(|key| key.kid == *kid);
        let Some(key) = key else {
            return Err(RotationError::Unknown(kid.clone()));
        };
        if !wanted.algs.contains(&key.alg) {
            return Err(RotationError::StillSigns {
                kid: kid.clone(),
                alg: key.alg,
            });
        }
    }
    Ok(())
}

async fn forget(tx: &DatabaseTransaction, kids: &[String]) -> Result<(), DbErr> {
    for kid in kids {
        if signing_key::forget(tx, kid).await? {
            tracing::warn!(kid, "forgot a signing key");
        }
    }
    Ok(())
}
