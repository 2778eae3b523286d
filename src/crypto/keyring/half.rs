//! A row of `signing_key` as this process holds it: the whole pair, or only the public half once the
//! key has left the JWKS.

use chrono::{DateTime, Utc};
use entity::{
    signing_key,
    value::{Sealed, SigningAlg},
};
use sea_orm::Set;

use crate::crypto::{
    jwt::{BadKey, PublicKey, SigningPair},
    seal::{NotOurs, Purpose, Sealer},
};

/// What is left of a key.
#[derive(Debug)]
pub enum Half {
    Pair(SigningPair),
    /// For hints: whoever comes back with an old ID token is still recognised.
    Public(PublicKey),
}

/// Why a row cannot be opened.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum HalfError {
    #[error("the signing keys were sealed with another root secret than the one given")]
    OtherRoot(#[from] NotOurs),
    #[error(transparent)]
    Key(#[from] BadKey),
}

impl Half {
    /// Opens a row. PKCS#8 is DER and begins with the tag of a sequence; a public half is JSON.
    pub fn open(row: &signing_key::Model, sealer: &Sealer) -> Result<Self, HalfError> {
        let plain = sealer.open(Purpose::SigningKey, &place(&row.kid), &row.private_key)?;
        if plain.first() != Some(&b'{') {
            return Ok(Self::Pair(SigningPair::read(row.alg, &plain)?));
        }
        let jwk = serde_json::from_slice(&plain).map_err(|_| BadKey)?;
        Ok(Self::Public(PublicKey::read(row.alg, jwk)?))
    }

    pub fn public(&self) -> &PublicKey {
        match self {
            Self::Pair(pair) => &pair.public,
            Self::Public(key) => key,
        }
    }

    pub fn pair(&self) -> Option<&SigningPair> {
        match self {
            Self::Pair(pair) => Some(pair),
            Self::Public(_) => None,
        }
    }

    /// The public half alone, sealed for the column in which the private one lies.
    pub fn sealed_public(&self, sealer: &Sealer) -> Sealed {
        let public = self.public();
        let jwk = public.jwk.to_string();
        sealer.seal(Purpose::SigningKey, &place(&public.kid), jwk.as_bytes())
    }
}

/// Makes a key, as a row that signs from `signs_from`. For RSA this takes its time.
pub fn make(
    alg: SigningAlg,
    sealer: &Sealer,
    now: DateTime<Utc>,
    signs_from: DateTime<Utc>,
) -> Result<signing_key::ActiveModel, BadKey> {
    let (pair, pkcs8) = SigningPair::generate(alg)?;
    let kid = pair.public.kid;
    Ok(signing_key::ActiveModel {
        private_key: Set(sealer.seal(Purpose::SigningKey, &place(&kid), &pkcs8)),
        kid: Set(kid),
        alg: Set(alg),
        created_at: Set(now),
        signs_from: Set(signs_from),
        published_until: Set(None),
    })
}

/// Table, column and row, so that a sealed key cannot be moved to another row.
fn place(kid: &str) -> String {
    format!("signing_key|private_key|{kid}")
}
