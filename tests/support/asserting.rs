//! Asserting: a client that proves who it is with a key of its own (RFC 7523 §2.2).

use doorward::{clients::register::NewClient, crypto::secret::random_id, paths};
use entity::value::ClientAuthMethod;
use serde_json::{Value, json};

use super::{answer::Answer, call::Call, dpop::DpopKey, house::House, rp::Rp};

/// `client_assertion_type`.
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client with a key.
pub struct Asserting<'a> {
    pub house: &'a House,
    pub rp: Rp<'a>,
    pub key: DpopKey,
    /// The name of its key; none if it is empty.
    pub kid: &'static str,
}

impl<'a> Asserting<'a> {
    /// A client with an ES256 key, which it registered by value.
    pub async fn new(house: &'a House) -> Self {
        Self::with(house, DpopKey::new(), |_| ()).await
    }

    /// Any other client with this key.
    pub async fn with(house: &'a House, key: DpopKey, change: impl FnOnce(&mut NewClient)) -> Self {
        let kid = "one";
        let rp = Rp::with(house, |new| {
            new.auth_method = Some(ClientAuthMethod::PrivateKeyJwt);
            new.metadata.jwks = Some(jwks(&[(kid, &key)]));
            change(new);
        })
        .await;
        assert!(rp.client_secret.is_none());
        Self {
            house,
            rp,
            key,
            kid,
        }
    }

    pub fn id(&self) -> &str {
        &self.rp.client_id
    }

    /// A client whose keys are at an address.
    pub async fn by_reference(house: &'a House, key: DpopKey, url: &str) -> Self {
        Self::with(house, key, |new| {
            new.metadata.jwks = None;
            new.metadata.jwks_uri = Some(url.to_owned());
        })
        .await
    }

    /// What a client usually says, with these claims replaced; null takes out.
    pub fn claims(&self, changes: &Value) -> Value {
        usual(self.house, self.id(), changes)
    }

    /// An assertion with these claims replaced.
    pub fn assertion(&self, changes: &Value) -> String {
        self.signed(&json!({}), &self.claims(changes))
    }

    /// These claims, under the usual header with these members replaced.
    pub fn signed(&self, header: &Value, claims: &Value) -> String {
        let mut usual = json!({ "alg": self.key.alg, "typ": "JWT" });
        if !self.kid.is_empty() {
            usual["kid"] = json!(self.kid);
        }
        let header = changed(usual, header);
        self.key.sign(&header.to_string(), &claims.to_string())
    }

    /// A form to any endpoint, with a new assertion.
    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> Call {
        present(self.house, path, form, &self.assertion(&json!({})))
    }

    /// A token for itself, asked for with this assertion.
    pub async fn present(&self, assertion: &str) -> Answer {
        let form = [("grant_type", "client_credentials")];
        present(self.house, paths::TOKEN, &form, assertion).await
    }

    /// The same with a new assertion with these claims replaced.
    pub async fn ask(&self, changes: &Value) -> Answer {
        self.present(&self.assertion(changes)).await
    }
}

/// A form to any endpoint, with this assertion.
pub fn present(house: &House, path: &str, form: &[(&str, &str)], assertion: &str) -> Call {
    let own = [
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion),
    ];
    house.post(path).form(&[form, &own].concat())
}

/// The claims of an assertion of this client, with some replaced.
pub fn usual(house: &House, client_id: &str, changes: &Value) -> Value {
    let now = house.app.clock.now().timestamp();
    let usual = json!({
        "iss": client_id,
        "sub": client_id,
        "aud": house.app.config.server.issuer,
        "iat": now,
        "exp": now + 60,
        "jti": random_id::<16>(),
    });
    changed(usual, changes)
}

/// The public halves of these keys; one with an empty name has none.
pub fn jwks(keys: &[(&str, &DpopKey)]) -> Value {
    let keys = keys.iter().map(|(kid, key)| {
        let mut jwk = key.jwk.clone();
        if !kid.is_empty() {
            jwk["kid"] = json!(kid);
        }
        jwk
    });
    json!({ "keys": keys.collect::<Vec<_>>() })
}

/// `object` with these members replaced; null takes out.
fn changed(mut object: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().into_iter().flatten() {
        match value {
            Value::Null => drop(object.as_object_mut().map(|object| object.remove(name))),
            value => object[name] = value.clone(),
        }
    }
    object
}
