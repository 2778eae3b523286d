//! Which key sets somebody may give us to verify their signatures with: public keys of asymmetric
//! algorithms, none of them weak (RFC 7517 §4, RFC 7518 §6).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    ParsedPublicKey, VerificationAlgorithm,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// Why a key set cannot be registered. Each is a sentence of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKeySet {
    #[error("the key set is not an object with an array of keys")]
    Malformed,
    #[error("the key set has no key")]
    Empty,
    #[error("the key set has more than 50 keys")]
    TooMany,
    #[error("the key set holds a secret or private key: send the public halves only")]
    Private,
    #[error("a key of the key set is not well formed")]
    Key,
    #[error("an RSA key of the key set is not 2048 to 8192 bits long")]
    RsaSize,
}

/// More than anybody turns through.
const MOST_KEYS: usize = 50;

/// The members that make a key a private one, of all types (RFC 7518 §6.2.2, §6.3.2, §6.4.1;
/// `priv` of the post-quantum signatures).
const PRIVATE: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// The points of Ed25519 of small order, in each of their spellings and without the sign: with one of
/// them as a key, a signature says nothing about the message (RFC 8032 §5.1.7).
const SMALL_ORDER: [&str; 7] = [
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU",
    "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o",
    "7P_______________________________________38",
    "7f_______________________________________38",
    "7v_______________________________________38",
];

/// Whether a key set is fit to be registered by a client.
pub fn check(jwks: &Value) -> Result<(), BadKeySet> {
    let keys = jwks.get("keys").and_then(Value::as_array);
    let keys = keys.ok_or(BadKeySet::Malformed)?;
    match keys.len() {
        0 => return Err(BadKeySet::Empty),
        1..=MOST_KEYS => {}
        _ => return Err(BadKeySet::TooMany),
    }
    keys.iter().try_for_each(key)
}

/// Whether a key is the public half of a pair.
pub(super) fn is_public(key: &Value) -> bool {
    key["kty"] != "oct" && PRIVATE.iter().all(|name| key.get(name).is_none())
}

fn key(key: &Value) -> Result<(), BadKeySet> {
    let kind = key["kty"].as_str().ok_or(BadKeySet::Key)?;
    if !is_public(key) {
        return Err(BadKeySet::Private);
    }
    for name in ["kid", "use", "alg"] {
        if key.get(name).is_some_and(|value| !value.is_string()) {
            return Err(BadKeySet::Key);
        }
    }
    match kind {
        "RSA" => rsa(key),
        "EC" => elliptic(key),
        "OKP" => octets(key),
        // Nothing here verifies with it; it may be for others (RFC 7517 §5).
        _ => Ok(()),
    }
}

fn rsa(key: &Value) -> Result<(), BadKeySet> {
    let modulus = number(key, "n")?;
    let exponent = number(key, "e")?;
    if !(2048..=8192).contains(&bits(&modulus)) {
        return Err(BadKeySet::RsaSize);
    }
    // With 1 everything is its own signature; even ones have no private half.
    let is_odd = exponent.last().is_some_and(|byte| byte % 2 == 1);
    if !is_odd || !(2..=64).contains(&bits(&exponent)) {
        return Err(BadKeySet::Key);
    }
    Ok(())
}

/// A point that is not on the curve is no key.
fn elliptic(key: &Value) -> Result<(), BadKeySet> {
    let (length, algorithm): (usize, &'static dyn VerificationAlgorithm) =
        match key["crv"].as_str().ok_or(BadKeySet::Key)? {
            "P-256" => (32, &ECDSA_P256_SHA256_FIXED),
            "P-384" => (48, &ECDSA_P384_SHA384_FIXED),
            "P-521" => (66, &ECDSA_P521_SHA512_FIXED),
            _ => return Ok(()),
        };
    let (x, y) = (member(key, "x")?, member(key, "y")?);
    if (x.len(), y.len()) != (length, length) {
        return Err(BadKeySet::Key);
    }
    parses(algorithm, &[&[4], &x[..], &y].concat())
}

fn octets(key: &Value) -> Result<(), BadKeySet> {
    match key["crv"].as_str().ok_or(BadKeySet::Key)? {
        "Ed25519" => {
            let mut point = member(key, "x")?;
            parses(&ED25519, &point)?;
            if let Some(last) = point.last_mut() {
                *last &= 0x7f;
            }
            match SMALL_ORDER.contains(&URL_SAFE_NO_PAD.encode(point).as_str()) {
                true => Err(BadKeySet::Key),
                false => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

fn parses(algorithm: &'static dyn VerificationAlgorithm, bytes: &[u8]) -> Result<(), BadKeySet> {
    ParsedPublicKey::new(algorithm, bytes)
        .map(drop)
        .map_err(|_| BadKeySet::Key)
}

/// A number without the zeros that some put in front.
fn number(key: &Value, name: &str) -> Result<Vec<u8>, BadKeySet> {
    let bytes = member(key, name)?;
    Ok(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

fn member(key: &Value, name: &str) -> Result<Vec<u8>, BadKeySet> {
    let text = key[name].as_str().ok_or(BadKeySet::Key)?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| BadKeySet::Key)
}

fn bits(number: &[u8]) -> usize {
    match number.first() {
        Some(first) => number.len() * 8 - first.leading_zeros() as usize,
        None => 0,
    }
}
