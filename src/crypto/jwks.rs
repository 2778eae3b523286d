//! Foreign signatures: verifies a compact JWS with a key from the JWKS document of its issuer, by
//! the rules of RFC 8725. What the claims mean, and whether they fit, is the caller's to judge.

mod alg;
mod check;
mod object;

#[cfg(test)]
mod tests;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::Jwk};
use serde::Deserialize;
use serde_json::{Map, Value};

pub use alg::JwsAlg;
pub use check::{BadKeySet, check};

use super::jwt::is_typ;
use object::Once;

/// A token whose signature fits.
#[derive(Clone, Debug)]
pub struct Verified {
    pub header: Map<String, Value>,
    pub claims: Map<String, Value>,
}

/// Why a token is not believed. Each reads on after "the token".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    #[error("is not a signed JWT")]
    Malformed,
    #[error("brings a key or an extension of its own in its header")]
    OwnKey,
    #[error("is of another type")]
    Typ,
    #[error("is signed with an algorithm that is not accepted")]
    Alg,
    #[error("is signed with a key that is not in the key set")]
    UnknownKey,
    #[error("does not say which one of many keys signed it")]
    Ambiguous,
    #[error("has a signature that does not fit")]
    Signature,
}

/// The longest token that is looked at, in bytes. Others put more into theirs than we do.
const LONGEST: usize = 16 * 1024;

/// The most keys that are tried where a token could mean several.
const MOST_TRIED: usize = 4;

/// The shortest secret of a MAC, in bytes: no shorter than its hash (RFC 7518 §3.2).
const SHORTEST_SECRET: usize = 32;

/// Headers that bring or name a key, or change what the signature covers. The key comes from the
/// issuer and from nowhere else (RFC 8725 §3.10, OpenID Connect Core §2).
const REFUSED: [&str; 7] = ["jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"];

/// Verifies `token` with a key of the document `jwks`. Its algorithm must be one of `algs`, and its
/// `typ` the one that is named, if one is.
pub fn verify(
    jwks: &Value,
    token: &str,
    typ: Option<&str>,
    algs: &[JwsAlg],
) -> Result<Verified, NotVerified> {
    let (header, alg) = judged(token, typ, algs)?;
    let kid = header.get("kid").and_then(Value::as_str);
    for key in keys(jwks, kid, alg)? {
        if let Ok(claims) = claims(token, &key, alg.algorithm()) {
            return Ok(Verified { header, claims });
        }
    }
    Err(NotVerified::Signature)
}

/// Whether a key could verify `token` at all: so that nobody is asked for keys in vain.
pub fn is_verifiable(token: &str, typ: Option<&str>, algs: &[JwsAlg]) -> Result<(), NotVerified> {
    judged(token, typ, algs).map(drop)
}

/// Verifies a token with a MAC (HS256) of a secret that both sides know.
pub fn verify_mac(secret: &[u8], token: &str, typ: Option<&str>) -> Result<Verified, NotVerified> {
    let header = header_fit(token, typ)?;
    if header.get("alg").and_then(Value::as_str) != Some("HS256") {
        return Err(NotVerified::Alg);
    }
    if secret.len() < SHORTEST_SECRET {
        return Err(NotVerified::UnknownKey);
    }
    let claims = claims(token, &DecodingKey::from_secret(secret), Algorithm::HS256)?;
    Ok(Verified { header, claims })
}

/// What a token says of itself, whoever made it: good for finding whose keys to verify it with, and
/// for nothing else.
pub fn unverified(token: &str) -> Option<Map<String, Value>> {
    header(token)?;
    object(token.split('.').nth(1)?)
}

impl Verified {
    /// Whether the header names this `typ`.
    pub fn is_typ(&self, name: &str) -> bool {
        is_typ(self.header.get("typ").and_then(Value::as_str), name)
    }
}

/// The header of a token that is fit to be verified, and its algorithm.
fn judged(
    token: &str,
    typ: Option<&str>,
    algs: &[JwsAlg],
) -> Result<(Map<String, Value>, JwsAlg), NotVerified> {
    let header = header_fit(token, typ)?;
    let alg = header
        .get("alg")
        .and_then(Value::as_str)
        .and_then(JwsAlg::parse)
        .filter(|alg| algs.contains(alg))
        .ok_or(NotVerified::Alg)?;
    Ok((header, alg))
}

fn header_fit(token: &str, typ: Option<&str>) -> Result<Map<String, Value>, NotVerified> {
    let header = header(token).ok_or(NotVerified::Malformed)?;
    if REFUSED.iter().any(|name| header.contains_key(*name)) {
        return Err(NotVerified::OwnKey);
    }
    let own = header.get("typ").and_then(Value::as_str);
    if typ.is_some_and(|wanted| !is_typ(own, wanted)) {
        return Err(NotVerified::Typ);
    }
    Ok(header)
}

fn header(token: &str) -> Option<Map<String, Value>> {
    if token.len() > LONGEST || token.bytes().filter(|byte| *byte == b'.').count() != 2 {
        return None;
    }
    object(token.split('.').next()?)
}

/// What a part of a token says, if no member of it is there twice.
pub fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    let read: Once = serde_json::from_slice(&bytes).ok()?;
    Some(read.0)
}

/// Reads what the key signed. Times, issuer and audience are judged by the caller: with our clock,
/// and all of them.
fn claims(
    token: &str,
    key: &DecodingKey,
    alg: Algorithm,
) -> Result<Map<String, Value>, NotVerified> {
    let mut rules = Validation::new(alg);
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules.required_spec_claims.clear();
    let read = jsonwebtoken::decode::<Once>(token, key, &rules);
    let read = read.map_err(|_| NotVerified::Signature)?;
    Ok(read.claims.0)
}

/// The keys that can be meant: by their `kid` if the token names one, else whichever suit its
/// algorithm. Somebody who turns their keys and names none has two of a kind for a while.
fn keys(jwks: &Value, kid: Option<&str>, alg: JwsAlg) -> Result<Vec<DecodingKey>, NotVerified> {
    let all = jwks["keys"].as_array().map(Vec::as_slice);
    let meant: Vec<DecodingKey> = all
        .unwrap_or_default()
        .iter()
        // Whoever publishes a private key has published what signs for them.
        .filter(|key| check::is_public(key))
        // A key that cannot be read is not for us; the others still are (RFC 7517 §5).
        .filter_map(|key| Jwk::deserialize(key).ok())
        .filter(|jwk| is_meant(jwk.common.key_id.as_deref(), kid))
        .filter(|jwk| alg.suits(jwk))
        .filter_map(|jwk| DecodingKey::from_jwk(&jwk).ok())
        .take(MOST_TRIED + 1)
        .collect();
    match meant.len() {
        0 => Err(NotVerified::UnknownKey),
        1..=MOST_TRIED => Ok(meant),
        _ => Err(NotVerified::Ambiguous),
    }
}

/// Two names must be one; a name that only one side knows says nothing.
fn is_meant(own: Option<&str>, named: Option<&str>) -> bool {
    own.zip(named).is_none_or(|(own, named)| own == named)
}
