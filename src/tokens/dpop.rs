//! DPoP proofs at our endpoints: each is good once, and where nonces are asked for it has one of ours
//! (RFC 9449 §4.3, §8, §9, §11.1).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use entity::{seen_token, value::Digest};
use sea_orm::DbErr;

use crate::{
    app::App,
    crypto::sha256,
    oauth::{
        dpop::{self, BadProof, Expected, FITS_FOR, Proof},
        error::{ErrorCode, OauthError},
    },
};

/// For how long a nonce is the current one, in seconds. The one before it is good too, so that none
/// ends on its way.
const NONCE_SECONDS: i64 = 180;

/// Why a proof is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    #[error("the DPoP proof {0}")]
    Bad(#[from] BadProof),
    #[error("the DPoP proof was used before")]
    Used,
    #[error("the DPoP proof needs the nonce in DPoP-Nonce")]
    Nonce,
    #[error(transparent)]
    Unexpected(#[from] DbErr),
}

impl ProofError {
    /// What the client is told; the log is told of what is unexpected.
    pub fn told(self) -> Result<OauthError, DbErr> {
        let code = match self {
            Self::Unexpected(error) => return Err(error),
            Self::Nonce => ErrorCode::UseDpopNonce,
            Self::Bad(_) | Self::Used => ErrorCode::InvalidDpopProof,
        };
        Ok(OauthError::new(code, self.to_string()))
    }
}

/// Accepts a proof for a request with `method` to the endpoint at `path`. Answers the thumbprint of
/// its key: of any number of callers with the same proof, to exactly one.
pub async fn accept(
    app: &App,
    proof: &str,
    (method, path): (&str, &str),
    access_token: Option<&str>,
) -> Result<String, ProofError> {
    let now = app.clock.now();
    let expected = Expected {
        method,
        urls: &addresses(app, path),
        access_token,
        now,
    };
    let proof = dpop::read(proof, expected)?;
    // Asked before the proof is noted: a client that lacked the nonce may send the same `jti` again.
    if app.config.tokens.dpop_nonces && !has_nonce(app, &proof, now) {
        return Err(ProofError::Nonce);
    }
    match seen_token::is_new(&app.db.write, digest(&proof, method), now + FITS_FOR).await? {
        true => Ok(proof.jkt),
        false => Err(ProofError::Used),
    }
}

/// The nonce that the next proof should have, where nonces are asked for.
pub fn nonce(app: &App) -> Option<String> {
    let now = app.clock.now();
    let asked = app.config.tokens.dpop_nonces;
    asked.then(|| app.secrets.dpop_nonce(slot(now)))
}

/// §11.3: never none once nonces are asked for, or the requirement could be left out like the nonce.
fn has_nonce(app: &App, proof: &Proof, now: DateTime<Utc>) -> bool {
    let current = slot(now);
    proof.nonce.as_deref().is_some_and(|nonce| {
        [current, current - 1]
            .into_iter()
            .any(|slot| app.secrets.is_dpop_nonce(slot, nonce))
    })
}

fn slot(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(NONCE_SECONDS)
}

/// The URLs of an endpoint: by the issuer, and by the alias for clients with certificates
/// (RFC 8705 §5).
fn addresses(app: &App, path: &str) -> Vec<String> {
    let alias = app.config.server.mtls.url.as_deref();
    let alias = alias.map(|origin| format!("{origin}{path}"));
    [app.url(path)].into_iter().chain(alias).collect()
}

/// A `jti` is the client's own, and new only among those for one use of one key (§4.2, §11.1). It
/// may be long; its digest is not.
fn digest(proof: &Proof, method: &str) -> Digest {
    let mut all = b"dpop".to_vec();
    for part in [&proof.jkt, method, &proof.url, &proof.jti] {
        all.extend((part.len() as u64).to_be_bytes());
        all.extend(part.as_bytes());
    }
    Digest(URL_SAFE_NO_PAD.encode(sha256(&all)))
}
