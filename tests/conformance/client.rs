//! Client: a relying party of the suite, which registers itself, sends people to sign in and redeems
//! what it gets, in the way of its variant.

use std::sync::{Arc, OnceLock};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::{
    crypto::{secret::random_id, sha256},
    paths,
};
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    Variant,
    seen::Seen,
    suite::{EMAIL, PASSWORD, Suite},
};
use crate::support::{answer::Answer, browser::Browser, call::Call, dpop::DpopKey, expect::Tokens};

pub const CALLBACK: &str = "https://suite.example/test/a/doorward/callback";

/// A client that registered itself.
pub struct Client<'a> {
    pub suite: &'a Suite,
    pub variant: Variant,
    /// What the registration endpoint answered.
    pub registered: Value,
    pub id: String,
    secret: Option<String>,
    key: Arc<DpopKey>,
    pub redirect_uri: String,
    pub state: String,
    pub nonce: String,
    pub scope: String,
    pub code_verifier: String,
}

impl<'a> Client<'a> {
    /// One with nothing unusual.
    pub async fn register(suite: &'a Suite, variant: Variant) -> Self {
        Self::with(suite, variant, json!({})).await
    }

    /// One that registers these members too.
    pub async fn with(suite: &'a Suite, variant: Variant, more: Value) -> Self {
        let answer = Self::attempt(suite, variant, more).await;
        assert_eq!(answer.status, 201, "{}", answer.told());
        assert!(
            answer
                .header("Content-Type")
                .starts_with("application/json")
        );
        let registered = answer.json();
        let text = |name: &str| registered[name].as_str().map(str::to_owned);
        let secret = text("client_secret");
        if secret.is_some() {
            assert_eq!(registered["client_secret_expires_at"], 0, "{registered}");
        }
        let uri = text("registration_client_uri").expect("a place to manage it");
        assert!(uri.starts_with("https://"), "{uri}");
        let redirect_uri = registered["redirect_uris"][0]
            .as_str()
            .expect("a redirect URI");
        Self {
            suite,
            variant,
            id: text("client_id").expect("a client_id"),
            secret,
            key: rsa_key(),
            redirect_uri: redirect_uri.to_owned(),
            state: random_id::<16>(),
            nonce: random_id::<16>(),
            scope: "openid".to_owned(),
            code_verifier: random_id::<32>(),
            registered,
        }
    }

    /// Tries to register; `more` replaces members, null takes out.
    pub async fn attempt(suite: &Suite, variant: Variant, more: Value) -> Answer {
        let mut grants = vec![];
        if variant.has("code") {
            grants.push("authorization_code");
        }
        if variant.has("token") || variant.has("id_token") {
            grants.push("implicit");
        }
        let mut jwk = rsa_key().jwk.clone();
        jwk["use"] = json!("sig");
        jwk["alg"] = json!("RS256");
        let mut wanted = json!({
            "client_name": "OIDF conformance suite",
            "redirect_uris": [CALLBACK],
            "response_types": [variant.response_type],
            "grant_types": grants,
            "token_endpoint_auth_method": variant.auth,
            "contacts": ["certification@oidf.example"],
            // By value, and without a kid.
            "jwks": { "keys": [jwk] },
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            match value {
                Value::Null => drop(wanted.as_object_mut().and_then(|all| all.remove(name))),
                value => wanted[name] = value.clone(),
            }
        }
        let call = suite.house.post(paths::CLIENT_REGISTRATION);
        call.body("application/json", wanted.to_string()).await
    }

    /// Removes it again, which must answer 204.
    pub async fn end(self) {
        let (url, token) = self.management();
        self.suite.house.delete(&url).bearer(&token).await.is(204);
    }

    /// Where it reads and changes what it registered, and with which token.
    pub fn management(&self) -> (String, String) {
        let text = |name: &str| self.registered[name].as_str().expect("a member").to_owned();
        (
            text("registration_client_uri"),
            text("registration_access_token"),
        )
    }

    /// An authorization request; `changes` replaces parameters, none leaves one out.
    pub fn request(&self, changes: &[(&str, Option<&str>)]) -> Vec<(String, String)> {
        let mut usual = vec![
            ("client_id", self.id.as_str()),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &self.scope),
            ("state", &self.state),
            ("nonce", &self.nonce),
            ("response_type", self.variant.response_type),
        ];
        if self.variant.form_post {
            usual.push(("response_mode", "form_post"));
        }
        let kept = usual
            .into_iter()
            .filter(|(name, _)| changes.iter().all(|(own, _)| own != name));
        let new = changes
            .iter()
            .filter_map(|(name, value)| Some((*name, (*value)?)));
        kept.chain(new)
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    pub fn url_of(&self, request: &[(String, String)]) -> String {
        let mut url: Url = self.suite.house.url(paths::AUTHORIZE);
        url.query_pairs_mut().extend_pairs(request);
        url.into()
    }

    pub fn url(&self, changes: &[(&str, Option<&str>)]) -> String {
        self.url_of(&self.request(changes))
    }

    /// Sends the browser with a request and lets the person do what the pages ask.
    pub async fn authorize(
        &self,
        browser: &mut Browser<'_>,
        changes: &[(&str, Option<&str>)],
    ) -> Seen {
        browser.get_from_stranger(&self.url(changes)).await;
        finish(browser).await;
        Seen::read(self, browser.last(), changes)
    }

    /// Redeems a code.
    pub async fn exchange(&self, code: &str) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.redirect_uri.as_str()),
        ];
        self.token(&form).await
    }

    pub fn token(&self, form: &[(&str, &str)]) -> Call {
        self.called(paths::TOKEN, form)
    }

    /// A call in which the client proves who it is.
    pub fn called(&self, path: &str, form: &[(&str, &str)]) -> Call {
        let call = self.suite.house.post(path);
        let mut form: Vec<(String, String)> = owned(form);
        match self.variant.auth {
            "client_secret_basic" => {
                let secret = self.secret.as_deref().expect("a secret");
                return call.basic(&self.id, secret).form(&form);
            }
            "client_secret_post" => {
                let secret = self.secret.as_deref().expect("a secret");
                form.extend(owned(&[
                    ("client_id", self.id.as_str()),
                    ("client_secret", secret),
                ]));
            }
            "private_key_jwt" => {
                let assertion = self.assertion(json!({}));
                form.extend(owned(&[
                    ("client_assertion_type", ASSERTION_TYPE),
                    ("client_assertion", &assertion),
                ]));
            }
            other => panic!("no client of the suite uses {other}"),
        }
        call.form(&form)
    }

    /// A client assertion for the token endpoint, with these claims replaced.
    pub fn assertion(&self, claims: Value) -> String {
        let now = self.suite.house.app.clock.now().timestamp();
        let endpoint = self.suite.house.url(paths::TOKEN);
        let mut all = json!({
            "iss": self.id,
            "sub": self.id,
            "aud": endpoint.as_str(),
            "jti": random_id::<16>(),
            "iat": now,
            "exp": now + 60,
        });
        for (name, value) in claims.as_object().into_iter().flatten() {
            all[name] = value.clone();
        }
        self.key.sign(r#"{"alg":"RS256"}"#, &all.to_string())
    }

    /// Puts a request object together and signs it; `alg` none leaves the signature out.
    pub fn request_object(&self, alg: &str, members: &[(&str, &str)]) -> String {
        let now = self.suite.house.app.clock.now().timestamp();
        let mut all = Map::new();
        all.insert("iss".to_owned(), json!(self.id));
        all.insert(
            "aud".to_owned(),
            json!(self.suite.house.app.config.server.issuer),
        );
        all.insert("iat".to_owned(), json!(now));
        all.insert("exp".to_owned(), json!(now + 300));
        for (name, value) in members {
            all.insert((*name).to_owned(), json!(value));
        }
        let claims = Value::Object(all).to_string();
        match alg {
            "none" => {
                let text = |part: &str| URL_SAFE_NO_PAD.encode(part);
                format!("{}.{}.", text(r#"{"alg":"none"}"#), text(&claims))
            }
            alg => self.key.sign(&json!({ "alg": alg }).to_string(), &claims),
        }
    }

    pub fn code_challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(sha256(self.code_verifier.as_bytes()))
    }

    /// Signs in and redeems the code.
    pub async fn tokens(&self, browser: &mut Browser<'_>) -> Tokens {
        let seen = self.authorize(browser, &[]).await;
        self.exchange(&seen.get("code")).await.tokens()
    }

    /// What userinfo says, which must be JSON.
    pub async fn userinfo(&self, access_token: &str) -> Value {
        let call = self.suite.house.get(paths::USERINFO);
        call.bearer(access_token).await.ok()
    }
}

pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Does what the pages ask until the browser leaves or has to stop.
pub async fn finish(browser: &mut Browser<'_>) {
    if browser.follow().await.url.path() == paths::LOGIN {
        let typed = [("email", EMAIL), ("password", PASSWORD)];
        // Who has to confirm who they are finds the address filled in.
        match browser.last().page().text.contains("Confirm it is you") {
            true => browser.submit("#login-form", &typed[1..]).await,
            false => browser.submit("#login-form", &typed).await,
        };
    }
    if browser.follow().await.url.path() == paths::CONSENT {
        browser.submit("#consent-approve", &[]).await;
    }
    browser.follow().await;
}

/// One RSA key for all clients: making one costs more than most modules.
fn rsa_key() -> Arc<DpopKey> {
    static KEY: OnceLock<Arc<DpopKey>> = OnceLock::new();
    Arc::clone(KEY.get_or_init(|| Arc::new(DpopKey::rsa("RS256"))))
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(pair).collect()
}
