//! Stand-in: a provider on loopback that answers as the documentation of the real ones says, or, where a
//! test wants it, as badly as any server can.

use std::sync::{Arc, LazyLock, Mutex};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::{
    config::{self, Kind},
    crypto::{secret::random_id, sha256},
};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use super::{
    documents::{changed, discovery, emails, key, user},
    wire::{Code, Heard, State, serve},
};
use crate::support::{dpop::DpopKey, house::House};

/// Making an RSA key costs more than most tests; all providers have the same one.
pub static KEY: LazyLock<DpopKey> = LazyLock::new(|| DpopKey::rsa("RS256"));

/// What we are called there.
pub const CLIENT_ID: &str = "our-client";
pub const SECRET: &str = "a secret & its=ampersand";

/// A provider.
pub struct StandIn {
    pub origin: String,
    pub kind: Kind,
    state: Arc<Mutex<State>>,
}

/// What somebody was sent there with.
#[derive(Clone, Debug)]
pub struct Asked {
    pub url: Url,
}

impl Asked {
    pub fn of(location: &Url) -> Self {
        Self {
            url: location.clone(),
        }
    }

    #[track_caller]
    pub fn get(&self, name: &str) -> String {
        let mut all = self.url.query_pairs().filter(|(own, _)| own == name);
        let value = all.next().map(|(_, value)| value.into_owned());
        assert!(all.next().is_none(), "{name} twice in {}", self.url);
        value.unwrap_or_default()
    }

    /// The callback, with a code.
    pub fn back(&self, code: &str) -> String {
        self.back_with(&[("code", code), ("state", &self.get("state"))])
    }

    /// The callback, with these parameters.
    pub fn back_with(&self, pairs: &[(&str, &str)]) -> String {
        let mut url = Url::parse(&self.get("redirect_uri")).expect("a redirect URI");
        url.query_pairs_mut().extend_pairs(pairs);
        url[url::Position::BeforePath..].to_owned()
    }
}

impl StandIn {
    pub async fn new(kind: Kind) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let origin = format!("http://localhost:{port}");
        let state = Arc::new(Mutex::new(State {
            discovery: discovery(&origin),
            jwks: json!({ "keys": [key("one")] }),
            user: user(),
            emails: emails(),
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(async move {
                    let _ = serve(stream, &state).await;
                });
            }
        });
        Self {
            origin,
            kind,
            state,
        }
    }

    /// The settings of a house that knows it.
    pub fn settings(&self) -> config::Provider {
        let mut settings = config::Provider::new(self.kind, CLIENT_ID);
        settings.client_secret = Some(SecretString::from(SECRET));
        match self.kind {
            Kind::Github => {
                settings.base_url = Some(self.origin.clone());
                settings.api_url = Some(format!("{}/api/v3", self.origin));
            }
            Kind::Google | Kind::Oidc => settings.issuer = Some(self.origin.clone()),
        }
        settings
    }

    /// Somebody says yes there: answers the code with which they come back. `changes` are those of the
    /// claims of the ID token; null takes out.
    pub fn approve(&self, house: &House, asked: &Asked, changes: &Value) -> String {
        self.approve_signed(house, asked, changes, &json!({}))
    }

    /// The same with another header of the ID token.
    pub fn approve_signed(
        &self,
        house: &House,
        asked: &Asked,
        changes: &Value,
        header: &Value,
    ) -> String {
        let access_token = random_id::<16>();
        let claims = changed(self.claims(house, asked, &access_token), changes);
        let header = changed(
            json!({ "alg": "RS256", "kid": "one", "typ": "JWT" }),
            header,
        );
        let id_token = KEY.sign(&header.to_string(), &claims.to_string());
        let tokens = match self.kind {
            Kind::Github => json!({
                "access_token": format!("gho_{access_token}"),
                "scope": "read:user,user:email",
                "token_type": "bearer",
            }),
            Kind::Google | Kind::Oidc => json!({
                "access_token": access_token,
                "expires_in": 3599,
                "refresh_token": format!("1//{}", random_id::<16>()),
                "scope": "openid https://www.googleapis.com/auth/userinfo.email",
                "token_type": "Bearer",
                "id_token": id_token,
            }),
        };
        self.approve_tokens(asked, tokens)
    }

    /// The same with whatever the token endpoint is to answer.
    pub fn approve_tokens(&self, asked: &Asked, tokens: Value) -> String {
        assert_eq!(asked.get("response_type"), "code");
        assert_eq!(asked.get("client_id"), CLIENT_ID);
        assert_eq!(asked.get("code_challenge_method"), "S256");
        let code = format!("4/{}", random_id::<16>());
        let granted = Code {
            challenge: asked.get("code_challenge"),
            redirect_uri: asked.get("redirect_uri"),
            tokens,
        };
        self.lock().codes.insert(code.clone(), granted);
        code
    }

    fn claims(&self, house: &House, asked: &Asked, access_token: &str) -> Value {
        let now = house.app.clock.now().timestamp();
        let hash = sha256(access_token.as_bytes());
        let mut claims = json!({
            "iss": self.origin,
            "azp": CLIENT_ID,
            "aud": CLIENT_ID,
            "sub": "110169484474386276334",
            "hd": "example.com",
            "email": "ada@example.com",
            "email_verified": true,
            "at_hash": URL_SAFE_NO_PAD.encode(&hash[..16]),
            "nonce": asked.get("nonce"),
            "name": "Ada Lovelace",
            "picture": "https://lh3.googleusercontent.com/a/ada",
            "given_name": "Ada",
            "family_name": "Lovelace",
            "iat": now,
            "exp": now + 3600,
        });
        // OpenID Connect Core §2: there if `max_age` was asked for.
        if !asked.get("max_age").is_empty() {
            claims["auth_time"] = json!(now);
        }
        claims
    }

    /// Answers a path from now on with these bytes.
    pub fn say(&self, path: &str, answer: impl Into<Vec<u8>>) {
        self.lock().says.insert(path.to_owned(), answer.into());
    }

    /// Answers a path as it should again.
    pub fn recover(&self, path: &str) {
        let mut state = self.lock();
        state.says.remove(path);
        state.silent.remove(path);
    }

    /// Takes calls at a path and says nothing.
    pub fn fall_silent(&self, path: &str) {
        self.lock().silent.insert(path.to_owned());
    }

    pub fn publish(&self, jwks: Value) {
        self.lock().jwks = jwks;
    }

    /// Changes the discovery document; null takes out.
    pub fn announce(&self, changes: &Value) {
        let mut state = self.lock();
        state.discovery = changed(state.discovery.take(), changes);
    }

    pub fn user(&self, changes: &Value) {
        let mut state = self.lock();
        state.user = changed(state.user.take(), changes);
    }

    pub fn emails(&self, emails: Value) {
        self.lock().emails = emails;
    }

    /// What userinfo says; there is none until then.
    pub fn userinfo(&self, claims: Value) {
        self.lock().userinfo = claims;
    }

    /// What it was asked at a path.
    pub fn heard(&self, path: &str) -> Vec<Heard> {
        let state = self.lock();
        let at = state.heard.iter().filter(|heard| heard.path == path);
        at.cloned().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("a state")
    }
}
