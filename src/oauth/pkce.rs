//! Proof Key for Code Exchange (RFC 7636), S256 only: `plain` does not exist here.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{error::OauthError, params::Params};
use crate::crypto::sha256;

/// The one method.
pub const METHOD: &str = "S256";

/// A `code_challenge` of method S256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge(String);

impl Challenge {
    /// What an authorization request carries: both parameters, or neither. A method that is absent
    /// means `plain` (§4.3), which is refused like any other method but S256.
    pub fn read(params: &Params) -> Result<Option<Self>, OauthError> {
        let method = params.raw("code_challenge_method");
        let Some(challenge) = params.raw("code_challenge") else {
            return match method {
                Some(_) => Err(OauthError::invalid_request("code_challenge is missing")),
                None => Ok(None),
            };
        };
        if method != Some(METHOD) {
            return Err(OauthError::invalid_request(
                "code_challenge_method must be S256",
            ));
        }
        if !is_sha256(challenge) {
            return Err(OauthError::invalid_request(
                "code_challenge is not a SHA-256 in base64url",
            ));
        }
        Ok(Some(Self(challenge.to_owned())))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether this is a SHA-256: 43 characters of base64url without padding (§4.2).
pub fn is_sha256(text: &str) -> bool {
    URL_SAFE_NO_PAD
        .decode(text)
        .is_ok_and(|hash| hash.len() == 32)
}

/// The challenge that `verifier` answers, or none if it is not a verifier (§4.1: 43 to 128
/// unreserved characters).
pub fn challenge_of(verifier: &str) -> Option<String> {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    let well_formed = (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved);
    well_formed.then(|| URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 Appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_rfc() {
        assert_eq!(challenge_of(VERIFIER).as_deref(), Some(CHALLENGE));
    }

    #[test]
    fn what_is_not_a_verifier_answers_nothing() {
        let long = "a".repeat(129);
        for bad in ["", &VERIFIER[..42], &long, &format!("{}=", &VERIFIER[..42])] {
            assert_eq!(challenge_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_a_whole_s256_challenge_is_read() {
        let read = |query: &str| Challenge::read(&Params::parse(query.as_bytes()).unwrap());
        assert_eq!(read(""), Ok(None));
        let good = format!("code_challenge={CHALLENGE}&code_challenge_method=S256");
        assert_eq!(read(&good).unwrap().unwrap().as_str(), CHALLENGE);
        for bad in [
            format!("code_challenge={CHALLENGE}"),
            format!("code_challenge={CHALLENGE}&code_challenge_method=plain"),
            format!("code_challenge={CHALLENGE}&code_challenge_method=s256"),
            format!("code_challenge={CHALLENGE}%3D&code_challenge_method=S256"),
            format!(
                "code_challenge={}&code_challenge_method=S256",
                &CHALLENGE[1..]
            ),
            "code_challenge=&code_challenge_method=S256".to_owned(),
            "code_challenge_method=S256".to_owned(),
        ] {
            assert!(read(&bad).is_err(), "{bad}");
        }
    }
}
