//! The keyring: which keys sign, which are published, and the JWKS document of them.

use std::sync::{Arc, RwLock};

use chrono::{DateTime, Utc};
use entity::{
    Db, signing_key,
    value::{Sealed, SigningAlg},
};
use sea_orm::{DbErr, Iterable, Set};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use super::{
    jwt::{BadKey, BadToken, SigningPair, Typ, kid},
    seal::{NotOurs, Purpose, Sealer},
};

/// Why the keys could not be made ready.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    #[error("the signing keys could not be read from the database")]
    Db(#[from] DbErr),
    #[error("the signing keys were sealed with another root secret than the one given")]
    OtherRoot(#[from] NotOurs),
    #[error(transparent)]
    Key(#[from] BadKey),
}

/// The published keys, as of the last [`Keyring::reload`].
#[derive(Debug, Default)]
pub struct Keyring {
    set: RwLock<Arc<KeySet>>,
}

#[derive(Debug, Default)]
struct KeySet {
    /// Oldest first, each with the time from which it signs.
    pairs: Vec<(DateTime<Utc>, SigningPair)>,
    jwks: String,
}

impl Keyring {
    /// Makes sure that there is a key for each algorithm, and loads them.
    pub async fn open(db: &Db, sealer: &Sealer, now: DateTime<Utc>) -> Result<Self, KeyringError> {
        let tx = db.begin().await?;
        signing_key::alone(&tx).await?;
        let known = signing_key::published(&tx, now).await?;
        for alg in SigningAlg::iter() {
            if known.iter().all(|row| row.alg != alg) {
                // The first key of all signs at once: nobody has cached a set without it.
                signing_key::add(&tx, sealed(alg, sealer, now)?).await?;
            }
        }
        tx.commit().await?;
        let ring = Self::default();
        ring.reload(db, sealer, now).await?;
        Ok(ring)
    }

    /// Reads the published keys anew, as another process may have turned them.
    pub async fn reload(
        &self,
        db: &Db,
        sealer: &Sealer,
        now: DateTime<Utc>,
    ) -> Result<(), KeyringError> {
        let mut pairs = Vec::new();
        for row in signing_key::published(&db.read, now).await? {
            let pkcs8 = sealer.open(Purpose::SigningKey, &place(&row.kid), &row.private_key)?;
            pairs.push((row.signs_from, SigningPair::read(row.alg, &pkcs8)?));
        }
        let keys: Vec<_> = pairs.iter().map(|(_, pair)| &pair.jwk).collect();
        let set = KeySet {
            jwks: json!({ "keys": keys }).to_string(),
            pairs,
        };
        if let Ok(mut current) = self.set.write() {
            *current = Arc::new(set);
        }
        Ok(())
    }

    /// The JWKS document (RFC 7517 §5), as bytes to send.
    pub fn jwks(&self) -> String {
        self.current().jwks.clone()
    }

    /// Signs with the youngest key of `alg` that may sign at `now`.
    pub fn sign<T: Serialize>(
        &self,
        alg: SigningAlg,
        typ: Typ,
        claims: &T,
        now: DateTime<Utc>,
    ) -> anyhow::Result<String> {
        let set = self.current();
        let own = || set.pairs.iter().filter(|(_, pair)| pair.alg == alg);
        // Where clocks disagree none may be allowed yet; the oldest is the one that everybody knows.
        let (_, pair) = own()
            .rev()
            .find(|(from, _)| *from <= now)
            .or_else(|| own().next())
            .ok_or_else(|| anyhow::anyhow!("there is no {} key", alg.name()))?;
        pair.sign(typ, claims)
    }

    /// The claims of a token that one of the published keys signed as `typ`. The algorithm is the
    /// key's, never the header's; times, issuer and audience are the caller's to judge.
    pub fn verify<T: DeserializeOwned>(&self, token: &str, typ: Typ) -> Result<T, BadToken> {
        let kid = kid(token, typ)?;
        let set = self.current();
        let (_, pair) = set
            .pairs
            .iter()
            .find(|(_, pair)| pair.kid == kid)
            .ok_or(BadToken)?;
        pair.verify(token)
    }

    fn current(&self) -> Arc<KeySet> {
        self.set
            .read()
            .map(|set| Arc::clone(&set))
            .unwrap_or_default()
    }
}

fn sealed(
    alg: SigningAlg,
    sealer: &Sealer,
    now: DateTime<Utc>,
) -> Result<signing_key::ActiveModel, BadKey> {
    let (pair, pkcs8) = SigningPair::generate(alg)?;
    let private_key: Sealed = sealer.seal(Purpose::SigningKey, &place(&pair.kid), &pkcs8);
    Ok(signing_key::ActiveModel {
        kid: Set(pair.kid),
        alg: Set(alg),
        private_key: Set(private_key),
        created_at: Set(now),
        signs_from: Set(now),
        published_until: Set(None),
    })
}

/// Table, column and row, so that a sealed key cannot be moved to another row.
fn place(kid: &str) -> String {
    format!("signing_key|private_key|{kid}")
}
