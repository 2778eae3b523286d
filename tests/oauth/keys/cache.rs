//! Cache: a relying party that fetches the keys when those it has are too old, and at no other time,
//! also not when it meets a key that it does not know.

use chrono::{DateTime, TimeDelta, Utc};
use doorward::paths;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode_header, jwk::JwkSet};
use serde_json::Value;

use crate::support::house::House;

pub struct Cache {
    life: TimeDelta,
    fetched_at: Option<DateTime<Utc>>,
    keys: JwkSet,
    pub fetches: usize,
    pub verified: usize,
    /// Which keys it did not know, when they were needed.
    pub unknown: Vec<String>,
}

impl Cache {
    pub fn of(life: TimeDelta) -> Self {
        Self {
            life,
            fetched_at: None,
            keys: JwkSet { keys: Vec::new() },
            fetches: 0,
            verified: 0,
            unknown: Vec::new(),
        }
    }

    /// Reads a token with the keys that it has, which are never older than its patience.
    pub async fn read(&mut self, house: &House, token: &str) {
        let now = house.app.clock.now();
        if self.fetched_at.is_none_or(|at| now - at >= self.life) {
            let document = house.get(paths::JWKS).await;
            self.keys = serde_json::from_value(document.ok()).expect("a JWK set");
            self.fetched_at = Some(now);
            self.fetches += 1;
        }
        let header = decode_header(token).expect("a header");
        let kid = header.kid.expect("a kid");
        let Some(key) = self.keys.find(&kid) else {
            self.unknown.push(kid);
            return;
        };
        let key = DecodingKey::from_jwk(key).expect("a public key");
        let alg: Algorithm = header.alg;
        let mut rules = Validation::new(alg);
        // The clock of the house was turned, and this library knows only the machine's.
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        let read = jsonwebtoken::decode::<Value>(token, &key, &rules);
        read.expect("a signature that fits");
        self.verified += 1;
    }
}
