//! What a DPoP proof must say about the request that it came with (RFC 9449 §4.3). That it was not
//! sent before, and whether a nonce of ours is in it, is asked elsewhere.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use url::Url;

use super::algorithms::STRONG;
use crate::crypto::{
    dpop::{self, NotSigned},
    sha256,
};

/// How far the clock of a client may differ from ours, in seconds. FAPI 2.0 §5.3.2.1 asks for at
/// least ten and at most sixty.
const SKEW: f64 = 60.0;

/// For how long a proof that fits now could fit again: it may be a minute ahead, and then is good
/// for another; one second more for what was cut off.
pub const FITS_FOR: TimeDelta = TimeDelta::seconds(121);

/// The longest `jti`, in bytes (§11.1).
const LONGEST_JTI: usize = 4 * 1024;

/// The longest nonce that could be one of ours, in bytes.
const LONGEST_NONCE: usize = 256;

/// A request, as a proof must describe it.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    pub method: &'a str,
    /// The URLs by which the world reaches the endpoint, as we are set up; what a request says
    /// about that anybody could have written.
    pub urls: &'a [String],
    /// At a resource: the access token that goes along.
    pub access_token: Option<&'a str>,
    pub now: DateTime<Utc>,
}

/// A proof that fits its request, from the holder of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The thumbprint of the key.
    pub jkt: String,
    pub jti: String,
    /// The URL that it is for, in the one spelling that each URL has.
    pub url: String,
    pub nonce: Option<String>,
}

/// Why a proof is not believed. Each reads on after "the DPoP proof".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProof {
    #[error("is missing, or there are several")]
    NotOne,
    #[error(transparent)]
    NotSigned(#[from] NotSigned),
    #[error("has no jti, or one longer than 4 KiB")]
    Jti,
    #[error("is for another method")]
    Method,
    #[error("is for another URL")]
    Url,
    #[error("was not made now, by our clock")]
    Time,
    #[error("is not for the access token")]
    AccessToken,
    #[error("has a nonce that is too long")]
    Nonce,
}

/// Claims that are not here are tolerated. `iat` and its like may have a fraction (RFC 7519 §2).
#[derive(Debug, Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: f64,
    ath: Option<String>,
    nonce: Option<String>,
    nbf: Option<f64>,
    exp: Option<f64>,
}

/// Reads a proof and compares it with the request.
pub fn read(proof: &str, expected: Expected<'_>) -> Result<Proof, BadProof> {
    let signed = dpop::read::<Claims>(proof, &STRONG)?;
    let claims = signed.claims;
    if claims.jti.is_empty() || claims.jti.len() > LONGEST_JTI {
        return Err(BadProof::Jti);
    }
    if claims.htm != expected.method {
        return Err(BadProof::Method);
    }
    let url = normal(&claims.htu).ok_or(BadProof::Url)?;
    if !expected
        .urls
        .iter()
        .any(|own| normal(own).as_ref() == Some(&url))
    {
        return Err(BadProof::Url);
    }
    if !is_of_now(&claims, expected.now) {
        return Err(BadProof::Time);
    }
    if let Some(token) = expected.access_token {
        let hash = URL_SAFE_NO_PAD.encode(sha256(token.as_bytes()));
        if claims.ath.as_deref() != Some(hash.as_str()) {
            return Err(BadProof::AccessToken);
        }
    }
    if claims
        .nonce
        .as_ref()
        .is_some_and(|nonce| nonce.len() > LONGEST_NONCE)
    {
        return Err(BadProof::Nonce);
    }
    Ok(Proof {
        jkt: signed.jkt,
        jti: claims.jti,
        url,
        nonce: claims.nonce,
    })
}

/// A proof needs no `nbf` and no `exp`; a client that sends them means them (RFC 7519 §4.1.4, §4.1.5).
fn is_of_now(claims: &Claims, now: DateTime<Utc>) -> bool {
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds of this age of the world are exact"
    )]
    let now = now.timestamp() as f64;
    let made = (claims.iat - now).abs() <= SKEW;
    let begun = claims.nbf.is_none_or(|nbf| nbf <= now + SKEW);
    let ended = claims.exp.is_some_and(|exp| exp < now - SKEW);
    made && begun && !ended
}

/// A URL without query and fragment (§4.3), scheme and host in lower case, the default port and
/// dot segments taken out (RFC 3986 §6.2.2, §6.2.3).
fn normal(text: &str) -> Option<String> {
    // The parser would mend what is none.
    let fits = |b: u8| b.is_ascii_graphic() && b != b'\\';
    if !text.bytes().all(fits) {
        return None;
    }
    let mut url = Url::parse(text).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url.into())
}

#[cfg(test)]
mod tests;
