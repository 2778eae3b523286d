//! Foreign signatures: verifies a compact JWS with a key from the JWKS document of its issuer, by
//! the rules of RFC 8725. What the claims mean, and whether they fit, is the caller's to judge.

mod alg;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, Validation, jwk::Jwk};
use serde::Deserialize;
use serde_json::{Map, Value};

pub use alg::JwsAlg;

use super::jwt::is_typ;

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
    #[error("does not say which one of several keys signed it")]
    Ambiguous,
    #[error("has a signature that does not fit")]
    Signature,
}

/// The longest token that is looked at, in bytes. Others put more into theirs than we do.
const LONGEST: usize = 16 * 1024;

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
    let header = header(token).ok_or(NotVerified::Malformed)?;
    let text = |name: &str| header.get(name).and_then(Value::as_str);
    if REFUSED.iter().any(|name| header.contains_key(*name)) {
        return Err(NotVerified::OwnKey);
    }
    if typ.is_some_and(|wanted| !is_typ(text("typ"), wanted)) {
        return Err(NotVerified::Typ);
    }
    let alg = text("alg")
        .and_then(JwsAlg::parse)
        .filter(|alg| algs.contains(alg))
        .ok_or(NotVerified::Alg)?;
    let key = key(jwks, text("kid"), alg)?;
    let mut rules = Validation::new(alg.algorithm());
    // The claims are judged by the caller: with our clock, and all of them.
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules.required_spec_claims.clear();
    let read = jsonwebtoken::decode(token, &key, &rules).map_err(|_| NotVerified::Signature)?;
    Ok(Verified {
        header,
        claims: read.claims,
    })
}

fn header(token: &str) -> Option<Map<String, Value>> {
    let parts: Vec<_> = token.split('.').collect();
    if token.len() > LONGEST || parts.len() != 3 {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[0]).ok()?).ok()
}

/// The one key that is meant. Without a `kid` there must be no choice (OpenID Connect Core §10.1).
fn key(jwks: &Value, kid: Option<&str>, alg: JwsAlg) -> Result<DecodingKey, NotVerified> {
    let keys = jwks["keys"].as_array().map(Vec::as_slice);
    let mut meant = keys
        .unwrap_or_default()
        .iter()
        // A key that cannot be read is not for us; the others still are (RFC 7517 §5).
        .filter_map(|key| Jwk::deserialize(key).ok())
        .filter(|jwk| kid.is_none_or(|kid| jwk.common.key_id.as_deref() == Some(kid)))
        .filter(|jwk| alg.suits(jwk));
    match (meant.next(), meant.next()) {
        (Some(jwk), None) => DecodingKey::from_jwk(&jwk).map_err(|_| NotVerified::UnknownKey),
        (Some(_), Some(_)) => Err(NotVerified::Ambiguous),
        (None, _) => Err(NotVerified::UnknownKey),
    }
}

#[cfg(test)]
mod tests {
    use entity::value::SigningAlg;
    use serde_json::json;

    use super::{
        super::jwt::{SigningPair, Typ},
        *,
    };

    const BOTH: [JwsAlg; 2] = [JwsAlg::RS256, JwsAlg::ES256];

    fn pair(alg: SigningAlg) -> SigningPair {
        SigningPair::generate(alg).unwrap().0
    }

    fn set(pairs: &[&SigningPair]) -> Value {
        json!({ "keys": pairs.iter().map(|pair| &pair.jwk).collect::<Vec<_>>() })
    }

    /// The token with its header changed, and so with a signature that does not fit.
    fn with_header(token: &str, change: impl Fn(&mut Map<String, Value>)) -> String {
        let mut own = header(token).unwrap();
        change(&mut own);
        let own = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&own).unwrap());
        format!("{own}.{}", token.split_once('.').unwrap().1)
    }

    fn why(jwks: &Value, token: &str, algs: &[JwsAlg]) -> NotVerified {
        verify(jwks, token, None, algs).unwrap_err()
    }

    #[test]
    fn a_token_is_verified_with_the_key_that_it_names() {
        let (rsa, ec) = (pair(SigningAlg::RS256), pair(SigningAlg::ES256));
        let claims = json!({ "sub": "ada", "exp": 1 });
        for own in [&rsa, &ec] {
            let token = own.sign(Typ::AccessToken, &claims).unwrap();
            let read = verify(&set(&[&rsa, &ec]), &token, Some("at+jwt"), &BOTH).unwrap();
            assert_eq!(Value::Object(read.claims), claims);
            assert_eq!(read.header["kid"], own.kid);
            let other = verify(&set(&[&rsa, &ec]), &token, Some("JWT"), &BOTH);
            assert_eq!(other.unwrap_err(), NotVerified::Typ);
        }
        let token = ec.sign(Typ::IdToken, &claims).unwrap();
        assert_eq!(why(&set(&[&rsa]), &token, &BOTH), NotVerified::UnknownKey);
        assert_eq!(why(&json!({}), &token, &BOTH), NotVerified::UnknownKey);
        let rs256 = [JwsAlg::RS256];
        assert_eq!(why(&set(&[&ec]), &token, &rs256), NotVerified::Alg);
    }

    #[test]
    fn a_key_id_may_be_missing_only_where_there_is_no_choice() {
        let (one, other) = (pair(SigningAlg::ES256), pair(SigningAlg::ES256));
        let token = one.sign(Typ::IdToken, &json!({})).unwrap();
        let nameless = with_header(&token, |header| {
            header.remove("kid");
        });
        // One key is left to try, and it is tried: the changed header does not fit.
        assert_eq!(why(&set(&[&one]), &nameless, &BOTH), NotVerified::Signature);
        let two = set(&[&one, &other]);
        assert_eq!(why(&two, &nameless, &BOTH), NotVerified::Ambiguous);
        let twice = set(&[&one, &one]);
        assert_eq!(why(&twice, &token, &BOTH), NotVerified::Ambiguous);
    }

    #[test]
    fn a_key_is_used_only_for_what_it_is_made_for() {
        let own = pair(SigningAlg::ES256);
        let token = own.sign(Typ::IdToken, &json!({})).unwrap();
        for (name, value) in [
            ("use", json!("enc")),
            ("key_ops", json!(["sign"])),
            ("alg", json!("ES384")),
            ("crv", json!("P-384")),
            ("kty", json!("oct")),
        ] {
            let mut jwks = set(&[&own]);
            jwks["keys"][0][name] = value;
            assert_eq!(why(&jwks, &token, &BOTH), NotVerified::UnknownKey, "{name}");
        }
    }

    #[test]
    fn a_token_cannot_choose_how_it_is_verified() {
        let own = pair(SigningAlg::ES256);
        let jwks = set(&[&own]);
        let token = own.sign(Typ::IdToken, &json!({})).unwrap();
        for alg in ["none", "None", "HS256", "es256", "ES512", ""] {
            let token = with_header(&token, |header| header["alg"] = json!(alg));
            assert_eq!(why(&jwks, &token, &JwsAlg::ALL), NotVerified::Alg, "{alg}");
        }
        for name in REFUSED {
            let token = with_header(&token, |header| {
                header.insert(name.to_owned(), json!([]));
            });
            assert_eq!(why(&jwks, &token, &BOTH), NotVerified::OwnKey, "{name}");
        }
        let (rest, _) = token.rsplit_once('.').unwrap();
        for forged in [format!("{rest}."), format!("{rest}.AAAA")] {
            assert_eq!(why(&jwks, &forged, &BOTH), NotVerified::Signature);
        }
        for no_token in [
            "",
            "a.b",
            rest,
            &format!("{token}.{token}"),
            &"a".repeat(LONGEST),
        ] {
            assert_eq!(why(&jwks, no_token, &BOTH), NotVerified::Malformed);
        }
    }
}
