//! Seen: an authorization response as it reached the client, checked by the rules of every module;
//! and ID tokens, checked by the rules of OpenID Connect Core §3.1.3.7.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::paths;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::Jwk};
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::client::Client;
use crate::support::answer::Answer;

/// What the client received.
#[derive(Clone, Debug)]
pub struct Seen {
    members: BTreeMap<String, String>,
}

impl Seen {
    /// Reads the answer that the browser carries, which must arrive where the variant says.
    #[track_caller]
    pub fn read(client: &Client<'_>, answer: &Answer, changes: &[(&str, Option<&str>)]) -> Self {
        let asked = |name: &str, usual: Option<String>| {
            let own = changes.iter().find(|(own, _)| *own == name);
            own.map_or(usual, |(_, value)| value.map(str::to_owned))
        };
        let mode = client.variant.form_post.then(|| "form_post".to_owned());
        let kind = asked(
            "response_type",
            Some(client.variant.response_type.to_owned()),
        );
        let front = kind.is_some_and(|kind| kind != "code");
        let pairs = match (asked("response_mode", mode).as_deref(), front) {
            (Some("form_post"), _) => posted(client, answer),
            (_, true) => redirected(client, answer, true),
            (_, false) => redirected(client, answer, false),
        };
        let mut members = BTreeMap::new();
        for (name, value) in pairs {
            let before = members.insert(name.clone(), value);
            assert!(before.is_none(), "{name} twice: {}", answer.told());
        }
        let state = asked("state", Some(client.state.clone()));
        assert_eq!(members.get("state"), state.as_ref(), "{}", answer.told());
        let issuer = &client.suite.house.app.config.server.issuer;
        assert_eq!(members.get("iss"), Some(issuer), "{}", answer.told());
        Self { members }
    }

    /// A member of a success; an error is told.
    #[track_caller]
    pub fn get(&self, name: &str) -> String {
        let own = self.members.get(name).filter(|value| !value.is_empty());
        own.cloned()
            .unwrap_or_else(|| panic!("no {name} in {:?}", self.members))
    }

    pub fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// The answer is one of these errors and nothing else.
    #[track_caller]
    pub fn error(&self, allowed: &[&str]) {
        let told = format!("{:?}", self.members);
        assert!(allowed.contains(&self.get("error").as_str()), "{told}");
        let known = ["error", "error_description", "error_uri", "state", "iss"];
        for name in self.members.keys() {
            assert!(known.contains(&name.as_str()), "{name}: {told}");
        }
        let fits = |b: u8| matches!(b, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        let description = self.members.get("error_description");
        assert!(
            description.is_none_or(|text| text.bytes().all(fits)),
            "{told}"
        );
    }
}

fn redirected(client: &Client<'_>, answer: &Answer, fragment: bool) -> Vec<(String, String)> {
    answer.is(303);
    let to = answer.location().expect("a Location");
    let own = Url::parse(&client.redirect_uri).expect("a redirect URI");
    let place = |url: &Url| url[..url::Position::AfterPath].to_owned();
    assert_eq!(place(&to), place(&own), "{}", answer.told());
    let mut query: Vec<(String, String)> = to.query_pairs().into_owned().collect();
    for kept in own.query_pairs().into_owned() {
        let at = query.iter().position(|pair| *pair == kept);
        query.remove(at.unwrap_or_else(|| panic!("{kept:?} is lost: {}", answer.told())));
    }
    let behind = to.fragment().unwrap_or_default();
    match fragment {
        true => {
            assert!(query.is_empty(), "{}", answer.told());
            form_urlencoded::parse(behind.as_bytes())
                .into_owned()
                .collect()
        }
        false => {
            assert!(behind.is_empty(), "{}", answer.told());
            query
        }
    }
}

/// The form that sends itself to the client.
fn posted(client: &Client<'_>, answer: &Answer) -> Vec<(String, String)> {
    answer.is(200);
    let form = answer.page().form("#form-post");
    assert_eq!(
        (form.method.as_str(), &form.action),
        ("post", &client.redirect_uri)
    );
    assert!(
        answer.body.contains("document.forms[0].submit()"),
        "it sends itself"
    );
    form.pairs()
}

/// The claims that may be in an ID token that nobody asked claims for.
const USUAL: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "nbf",
    "jti",
    "sid",
    "txn",
];

/// The claims of an ID token for `client`, signed with `alg`, that answers a request with `nonce`.
pub async fn id_token(client: &Client<'_>, token: &str, alg: &str, nonce: Option<&str>) -> Value {
    let house = &client.suite.house;
    let header = jsonwebtoken::decode_header(token).expect("a header");
    let kid = header.kid.expect("a kid");
    let keys = house.get(paths::JWKS).await.ok();
    let keys = keys["keys"].as_array().expect("keys").clone();
    let key = keys
        .into_iter()
        .find(|key| key["kid"] == kid)
        .expect("its key");
    assert_eq!((&key["alg"], &key["use"]), (&alg.into(), &"sig".into()));
    let key: Jwk = serde_json::from_value(key).expect("a JWK");
    let alg: Algorithm = alg.parse().expect("an algorithm");
    let mut rules = Validation::new(alg);
    // Judged below, by the clock of the house.
    rules.validate_exp = false;
    rules.set_audience(&[&client.id]);
    rules.set_issuer(&[&house.app.config.server.issuer]);
    let key = DecodingKey::from_jwk(&key).expect("a public key");
    let claims = jsonwebtoken::decode::<Value>(token, &key, &rules)
        .expect("its signature")
        .claims;
    let now = house.app.clock.now().timestamp();
    let number = |name: &str| {
        claims[name]
            .as_i64()
            .unwrap_or_else(|| panic!("{name}: {claims}"))
    };
    assert!(
        number("exp") > now && (now - number("iat")).abs() <= 300,
        "{claims}"
    );
    assert!(number("auth_time") <= now, "{claims}");
    let subject = claims["sub"].as_str().expect("a subject");
    assert!(!subject.is_empty() && subject.len() <= 255, "{claims}");
    assert_eq!(
        claims.get("nonce").and_then(Value::as_str),
        nonce,
        "{claims}"
    );
    assert!(
        claims["acr"].as_str().is_some_and(|acr| !acr.is_empty()),
        "{claims}"
    );
    claims
}

/// Fails if a claim is there that nobody asked for.
#[track_caller]
pub fn says_nothing_unasked(claims: &Value) {
    for name in claims.as_object().expect("claims").keys() {
        assert!(USUAL.contains(&name.as_str()), "{name} in {claims}");
    }
}

/// What `at_hash` and `c_hash` must be, where the signature goes with SHA-256.
pub fn left_half(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(&doorward::crypto::sha256(text.as_bytes())[..16])
}
