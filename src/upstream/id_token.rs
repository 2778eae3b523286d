//! The ID token of a provider (OpenID Connect Core §3.1.3.7): signed with a key of its own, made for
//! us, now, and for the sign-in that this browser began. Each member is judged; none is skipped
//! because it is not there.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::{Failure, discovery::Metadata, failure::Broken};
use crate::{
    app::App,
    crypto::{
        jwks::{self, JwsAlg, NotVerified, Verified},
        secret::is_same_text,
        sha256, sha384, sha512,
    },
    fetch::FetchError,
};

/// How far clocks may be apart.
const SKEW: TimeDelta = TimeDelta::seconds(60);

/// What the claims must say.
#[derive(Debug)]
pub(super) struct Expected<'a> {
    /// The spellings of the issuer.
    pub issuers: &'a [&'a str],
    pub client_id: &'a str,
    pub nonce: &'a str,
    /// The access token beside it.
    pub access_token: &'a str,
    /// When the sign-in began.
    pub began: DateTime<Utc>,
    /// Whether the person was to prove anew who they are.
    pub fresh: bool,
    pub now: DateTime<Utc>,
}

/// Why an ID token is not believed. For the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadIdToken {
    #[error("its typ is that of another kind of token")]
    Typ,
    #[error("iss is not the issuer")]
    Issuer,
    #[error("aud is not us, or not only us and azp does not say that it is for us")]
    Audience,
    #[error("azp is not us")]
    Party,
    #[error("exp is missing or past")]
    Ended,
    #[error("iat is missing, ahead, or before the sign-in began")]
    Issued,
    #[error("nbf is ahead")]
    Early,
    #[error("nonce is missing or another")]
    Nonce,
    #[error("at_hash is not that of the access token")]
    AccessToken,
    #[error("auth_time is before the person was asked to sign in anew")]
    Stale,
}

/// Verifies the signature with the provider's keys, and judges the claims.
pub(super) async fn verify(
    app: &App,
    metadata: &Metadata,
    token: &str,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, Broken> {
    let algs = metadata.algorithms();
    let bad = |error: NotVerified| Failure::NotBelieved.because(format!("the ID token {error}"));
    // What no key can mend is said before anybody is asked for keys.
    jwks::is_verifiable(token, None, &algs).map_err(bad)?;
    let away = |error: FetchError| Failure::Unavailable.because(format!("key set: {error}"));
    let url = &metadata.jwks_uri;
    let is_set = |json: &Value| json["keys"].is_array();
    let at_hand = app.fetch.pinned(url, is_set, expected.now).await;
    let at_hand = at_hand.map_err(away)?;
    let verified = match jwks::verify(&at_hand, token, None, &algs) {
        Err(NotVerified::UnknownKey) => {
            let newer = app
                .fetch
                .newer_pinned(url, (&at_hand, is_set), expected.now)
                .await;
            match newer.map_err(away)? {
                Some(newer) => jwks::verify(&newer, token, None, &algs),
                None => Err(NotVerified::UnknownKey),
            }
        }
        other => other,
    };
    let verified = verified.map_err(bad)?;
    match judge(&verified, expected) {
        Ok(()) => Ok(verified.claims),
        Err(error) => Err(Failure::NotBelieved.because(format!("the ID token: {error}"))),
    }
}

fn judge(verified: &Verified, expected: &Expected<'_>) -> Result<(), BadIdToken> {
    let claims = &verified.claims;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let time = |name: &str| {
        let seconds = claims.get(name)?.as_f64()?.floor();
        // Beyond this no calendar goes.
        let seconds = (seconds.abs() < 1e12).then_some(seconds as i64)?;
        DateTime::from_timestamp(seconds, 0)
    };
    if verified.header.contains_key("typ") && !verified.is_typ("JWT") {
        return Err(BadIdToken::Typ);
    }
    if !text("iss").is_some_and(|iss| expected.issuers.contains(&iss)) {
        return Err(BadIdToken::Issuer);
    }
    let ours = expected.client_id;
    let party = match claims.get("azp") {
        None => None,
        Some(azp) if azp.as_str() == Some(ours) => Some(()),
        Some(_) => return Err(BadIdToken::Party),
    };
    let for_us = match claims.get("aud") {
        Some(Value::String(aud)) => aud == ours,
        Some(Value::Array(all)) => {
            let named = |aud: &Value| aud.as_str() == Some(ours);
            // Others may have it, too: then it must say that it was made for us.
            all.iter().any(named) && (all.iter().all(named) || party.is_some())
        }
        _ => false,
    };
    if !for_us {
        return Err(BadIdToken::Audience);
    }
    if time("exp").is_none_or(|exp| expected.now >= exp + SKEW) {
        return Err(BadIdToken::Ended);
    }
    let in_time = |iat| expected.began - SKEW <= iat && iat <= expected.now + SKEW;
    if !time("iat").is_some_and(in_time) {
        return Err(BadIdToken::Issued);
    }
    if claims.contains_key("nbf") && time("nbf").is_none_or(|nbf| nbf > expected.now + SKEW) {
        return Err(BadIdToken::Early);
    }
    if !text("nonce").is_some_and(|nonce| is_same_text(nonce, expected.nonce)) {
        return Err(BadIdToken::Nonce);
    }
    let alg = verified.header.get("alg").and_then(Value::as_str);
    let alg = alg.and_then(JwsAlg::parse);
    if let Some(said) = claims.get("at_hash") {
        // An algorithm whose hash is not known fits nothing.
        let own = alg.map(|alg| left_half(alg, expected.access_token));
        if own.is_none() || said.as_str() != own.as_deref() {
            return Err(BadIdToken::AccessToken);
        }
    }
    let stale = |at: DateTime<Utc>| at < expected.began - SKEW;
    // OpenID Connect Core §2: it must be there if `max_age` was asked for, as it was.
    if expected.fresh && time("auth_time").is_none_or(stale) {
        return Err(BadIdToken::Stale);
    }
    Ok(())
}

/// OpenID Connect Core §3.1.3.6: the hash of the signature's algorithm; Ed25519 has SHA-512 inside
/// (RFC 8032 §5.1).
fn left_half(alg: JwsAlg, text: &str) -> String {
    let half = |hash: &[u8]| URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2]);
    let bytes = text.as_bytes();
    match alg {
        JwsAlg::RS256 | JwsAlg::PS256 | JwsAlg::ES256 => half(&sha256(bytes)),
        JwsAlg::RS384 | JwsAlg::PS384 | JwsAlg::ES384 => half(&sha384(bytes)),
        JwsAlg::RS512 | JwsAlg::PS512 | JwsAlg::EdDSA => half(&sha512(bytes)),
    }
}
