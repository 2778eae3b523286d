//! Jwt: a token as somebody reads it who knows nothing but our issuer: with the keys that are
//! published, by the library that everybody uses.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::{crypto::sha256, paths};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::Jwk};
use serde_json::Value;

use super::granted::names;
use crate::support::house::House;

/// A token whose signature, issuer, audience and time are right.
#[derive(Debug)]
pub struct Jwt {
    pub claims: Value,
}

impl Jwt {
    /// Reads a token meant for `audience`, of this `typ` and `alg`.
    pub async fn verified(house: &House, token: &str, audience: &str, kind: (&str, &str)) -> Self {
        let (typ, alg) = kind;
        let header = part(token, 0);
        assert_eq!(names(&header), ["alg", "kid", "typ"], "{header}");
        assert_eq!((&header["typ"], &header["alg"]), (&typ.into(), &alg.into()));

        let keys = house.get(paths::JWKS).await.ok();
        let keys = keys["keys"].as_array().expect("keys");
        let named: Vec<&Value> = keys
            .iter()
            .filter(|key| key["kid"] == header["kid"])
            .collect();
        let [key] = named.as_slice() else {
            panic!("{} keys are named {}", named.len(), header["kid"]);
        };
        assert_eq!((&key["use"], &key["alg"]), (&"sig".into(), &alg.into()));

        let key: Jwk = serde_json::from_value((*key).clone()).expect("a JWK");
        let key = DecodingKey::from_jwk(&key).expect("a public key");
        let alg: Algorithm = alg.parse().expect("an algorithm");
        let mut rules = Validation::new(alg);
        rules.leeway = 1;
        rules.set_audience(&[audience]);
        rules.set_issuer(&[&house.app.config.server.issuer]);
        rules.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
        let read = jsonwebtoken::decode::<Value>(token, &key, &rules);
        let claims = read.expect("a token that verifies").claims;
        Self { claims }
    }

    /// An ID token, signed as by default.
    pub async fn id_token(house: &House, token: &str, client_id: &str) -> Self {
        Self::verified(house, token, client_id, ("JWT", "RS256")).await
    }

    /// An access token, signed as by default, for the default audience.
    pub async fn access_token(house: &House, token: &str) -> Self {
        let audience = house.app.config.default_audience();
        Self::verified(house, token, audience, ("at+jwt", "ES256")).await
    }
}

/// The claims of a token, whether it is good or not.
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

/// What `at_hash` must be (OpenID Connect Core §3.1.3.6), where the signature goes with SHA-256.
pub fn at_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&sha256(access_token.as_bytes())[..16])
}

fn part(token: &str, at: usize) -> Value {
    let part = token.split('.').nth(at).expect("a part of a JWS");
    let json = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&json).expect("JSON")
}
