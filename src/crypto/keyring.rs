//! The keyring: which keys sign, which are published, which are still known, and the JWKS document.

pub mod half;

use std::sync::{Arc, RwLock};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Db, signing_key,
    value::{Sealed, SigningAlg},
};
use sea_orm::{DbErr, Iterable};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use tokio::sync::Mutex;

use super::{
    jwt::{BadKey, BadToken, Typ, kid},
    seal::Sealer,
};
use half::{Half, HalfError, make};

/// Why the keys could not be made ready.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    #[error("the signing keys could not be read from the database")]
    Db(#[from] DbErr),
    #[error(transparent)]
    Half(#[from] HalfError),
    #[error(transparent)]
    Key(#[from] BadKey),
}

/// The keys, as of the last [`Keyring::reload`].
#[derive(Debug, Default)]
pub struct Keyring {
    set: RwLock<Arc<KeySet>>,
    /// One reads at a time, so that nobody puts an older set in a newer one's place. Holds when a
    /// token last made us look for a key that we did not know.
    reading: Mutex<Option<DateTime<Utc>>>,
}

#[derive(Debug, Default)]
struct KeySet {
    /// In the order in which they sign.
    keys: Vec<Held>,
    jwks: Bytes,
}

#[derive(Clone, Debug)]
struct Held {
    signs_from: DateTime<Utc>,
    is_published: bool,
    /// The row's own bytes: while they are the same the key need not be read again.
    sealed: Sealed,
    half: Arc<Half>,
}

/// How often tokens with unknown keys can make us read the table.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(10);

impl Keyring {
    /// Makes sure that there is a key for each algorithm, and loads them.
    pub async fn open(db: &Db, sealer: &Sealer, now: DateTime<Utc>) -> Result<Self, KeyringError> {
        let tx = db.begin().await?;
        signing_key::alone(&tx).await?;
        let known = signing_key::published(&tx, now).await?;
        for alg in SigningAlg::iter() {
            if known.iter().all(|row| row.alg != alg) {
                // The first key of all signs at once: nobody has cached a set without it.
                signing_key::add(&tx, make(alg, sealer, now, now)?).await?;
            }
        }
        tx.commit().await?;
        let ring = Self::default();
        ring.reload(db, sealer, now).await?;
        Ok(ring)
    }

    /// Reads the keys anew, as another process may have turned them.
    pub async fn reload(
        &self,
        db: &Db,
        sealer: &Sealer,
        now: DateTime<Utc>,
    ) -> Result<(), KeyringError> {
        let _alone = self.reading.lock().await;
        self.read(db, sealer, now).await
    }

    /// Reads the keys anew if the token names one that is not known: another process may have made
    /// it a moment ago, in an emergency. A stranger who makes up names gets no more than one look in
    /// ten seconds out of us.
    pub async fn look_for(
        &self,
        (token, typ): (&str, Typ),
        db: &Db,
        sealer: &Sealer,
        now: DateTime<Utc>,
    ) {
        let Ok(kid) = kid(token, typ) else { return };
        if self.current().find(&kid).is_some() {
            return;
        }
        let mut looked = self.reading.lock().await;
        let too_soon = looked.is_some_and(|at| (now - at).abs() < LOOK_AGAIN);
        if too_soon || self.current().find(&kid).is_some() {
            return;
        }
        *looked = Some(now);
        if let Err(error) = self.read(db, sealer, now).await {
            tracing::warn!(%error, "the signing keys could not be read anew");
        }
    }

    async fn read(&self, db: &Db, sealer: &Sealer, now: DateTime<Utc>) -> Result<(), KeyringError> {
        let before = self.current();
        let mut keys = Vec::new();
        for row in signing_key::all(&db.read).await? {
            let known = before.find(&row.kid);
            let half = match known.filter(|known| known.sealed == row.private_key) {
                Some(known) => Arc::clone(&known.half),
                None => Arc::new(Half::open(&row, sealer)?),
            };
            keys.push(Held {
                signs_from: row.signs_from,
                is_published: row.published_until.is_none_or(|until| until > now),
                sealed: row.private_key,
                half,
            });
        }
        let published = keys.iter().filter(|key| key.is_published);
        let jwks: Vec<_> = published.map(|key| &key.half.public().jwk).collect();
        let set = KeySet {
            jwks: json!({ "keys": jwks }).to_string().into(),
            keys,
        };
        if let Ok(mut current) = self.set.write() {
            *current = Arc::new(set);
        }
        Ok(())
    }

    /// The JWKS document (RFC 7517 §5), as bytes to send.
    pub fn jwks(&self) -> Bytes {
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
        let own = || {
            let published = set.keys.iter().filter(|key| key.is_published);
            let pairs = published.filter_map(|key| Some((key.signs_from, key.half.pair()?)));
            pairs.filter(|(_, pair)| pair.public.alg == alg)
        };
        // Where clocks disagree none may be allowed yet; the oldest is the one that everybody knows.
        let (_, pair) = own()
            .rfind(|(from, _)| *from <= now)
            .or_else(|| own().next())
            .ok_or_else(|| anyhow::anyhow!("there is no {} key", alg.name()))?;
        pair.sign(typ, claims)
    }

    /// The claims of a token that one of our keys signed as `typ`. The algorithm is the key's, never
    /// the header's; times, issuer and audience are the caller's to judge. Only an ID token, which
    /// comes back as a hint long after it expired (OpenID Connect Core §3.1.2.1), may be from a key
    /// that is no longer published.
    pub fn verify<T: DeserializeOwned>(&self, token: &str, typ: Typ) -> Result<T, BadToken> {
        let kid = kid(token, typ)?;
        let set = self.current();
        let key = set.find(&kid).ok_or(BadToken)?;
        match key.is_published || typ == Typ::IdToken {
            true => key.half.public().verify(token),
            false => Err(BadToken),
        }
    }

    /// The keys that are no longer published and still whole, each with what is to be kept of it:
    /// its public half, sealed.
    pub fn outlived(&self, sealer: &Sealer) -> Vec<(String, Sealed)> {
        let set = self.current();
        let whole = set
            .keys
            .iter()
            .filter(|key| !key.is_published && key.half.pair().is_some());
        whole
            .map(|key| {
                let kid = key.half.public().kid.clone();
                (kid, key.half.sealed_public(sealer))
            })
            .collect()
    }

    fn current(&self) -> Arc<KeySet> {
        self.set
            .read()
            .map(|set| Arc::clone(&set))
            .unwrap_or_default()
    }
}

impl KeySet {
    fn find(&self, kid: &str) -> Option<&Held> {
        self.keys.iter().find(|key| key.half.public().kid == kid)
    }
}
