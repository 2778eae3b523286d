//! Stand-in: a provider on loopback that answers as the documentation of the real ones says, or, where a
//! test wants it, as badly as any server can.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, LazyLock, Mutex},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::{
    config::{self, Kind},
    crypto::{secret::random_id, sha256},
};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use url::{Url, form_urlencoded};

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

#[derive(Default)]
struct State {
    /// What it answers at which path, instead of what it should.
    says: HashMap<String, Vec<u8>>,
    /// Where it takes a call and never answers.
    silent: HashSet<String>,
    codes: HashMap<String, Code>,
    heard: Vec<Heard>,
    discovery: Value,
    jwks: Value,
    user: Value,
    emails: Value,
    userinfo: Value,
}

/// What a code is good for.
struct Code {
    challenge: String,
    redirect_uri: String,
    tokens: Value,
}

/// One request that it got.
#[derive(Clone, Debug)]
pub struct Heard {
    pub method: String,
    pub path: String,
    pub authorization: String,
    pub head: String,
    pub body: String,
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
        json!({
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
        })
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

/// The public half of the key under a name.
pub fn key(kid: &str) -> Value {
    changed(
        KEY.jwk.clone(),
        &json!({ "kid": kid, "alg": "RS256", "use": "sig" }),
    )
}

/// An answer in JSON.
pub fn said(status: &str, json: &Value) -> Vec<u8> {
    answer(status, "application/json; charset=utf-8", &json.to_string())
}

pub fn answer(status: &str, kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Google's own document, with its own endpoints.
fn discovery(origin: &str) -> Value {
    json!({
        "issuer": origin,
        "authorization_endpoint": format!("{origin}/o/oauth2/v2/auth"),
        "device_authorization_endpoint": format!("{origin}/device/code"),
        "token_endpoint": format!("{origin}/token"),
        "revocation_endpoint": format!("{origin}/revoke"),
        "jwks_uri": format!("{origin}/oauth2/v3/certs"),
        "response_types_supported": ["code", "token", "id_token", "code token", "none"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "email", "email_verified", "exp", "family_name", "given_name",
            "iat", "iss", "name", "picture", "sub"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
    })
}

/// `GET /user`, as GitHub documents it.
fn user() -> Value {
    json!({
        "login": "ada-l", "id": 583231, "node_id": "MDQ6VXNlcjU4MzIzMQ==",
        "avatar_url": "https://avatars.githubusercontent.com/u/583231?v=4",
        "html_url": "https://github.com/ada-l", "type": "User", "site_admin": false,
        "name": "Ada Lovelace", "company": null, "blog": "https://ada.example/",
        "location": "London", "email": "somebody-else@example.com", "hireable": null, "bio": null,
        "created_at": "2011-01-25T18:44:36Z", "updated_at": "2026-01-25T18:44:36Z",
    })
}

/// `GET /user/emails`.
fn emails() -> Value {
    json!([
        { "email": "other@example.com", "primary": false, "verified": true, "visibility": null },
        { "email": "ada@example.com", "primary": true, "verified": true, "visibility": "private" },
    ])
}

async fn serve(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let (head, body) = loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = header(head, "content-length").parse().unwrap_or(0);
        if body.len() >= length {
            break (head.to_owned(), body.to_owned());
        }
    };
    let mut words = head.split(' ');
    let heard = Heard {
        method: words.next().unwrap_or_default().to_owned(),
        path: words.next().unwrap_or_default().to_owned(),
        authorization: header(&head, "authorization"),
        head: head.clone(),
        body,
    };
    let answer = {
        let mut state = state.lock().expect("a state");
        state.heard.push(heard.clone());
        match state.silent.contains(&heard.path) {
            true => None,
            false => Some(state.answer(&heard)),
        }
    };
    match answer {
        Some(answer) => stream.write_all(&answer).await,
        // Until whoever asked has had enough.
        None => stream.read_buf(&mut bytes).await.map(drop),
    }
}

impl State {
    fn answer(&mut self, heard: &Heard) -> Vec<u8> {
        if let Some(answer) = self.says.get(&heard.path) {
            return answer.clone();
        }
        let not_found = || said("404 Not Found", &json!({ "message": "Not Found" }));
        match (heard.method.as_str(), heard.path.as_str()) {
            ("GET", "/.well-known/openid-configuration") => said("200 OK", &self.discovery),
            ("GET", "/oauth2/v3/certs") => said("200 OK", &self.jwks),
            ("GET", "/userinfo") if !self.userinfo.is_null() => said("200 OK", &self.userinfo),
            ("GET", "/api/v3/user") => self.to_bearer(heard, &self.user),
            ("GET", "/api/v3/user/emails") => self.to_bearer(heard, &self.emails),
            ("POST", "/token") => match self.redeem(heard) {
                Ok(tokens) => said("200 OK", &tokens),
                Err(error) => said("400 Bad Request", &json!({ "error": error })),
            },
            // GitHub says 200 of everything, and JSON only to whoever asks for it.
            ("POST", "/login/oauth/access_token") => {
                assert_eq!(header(&heard.head, "accept"), "application/json");
                match self.redeem(heard) {
                    Ok(tokens) => said("200 OK", &tokens),
                    Err(_) => said(
                        "200 OK",
                        &json!({
                            "error": "bad_verification_code",
                            "error_description": "The code passed is incorrect or expired.",
                            "error_uri": "https://docs.github.com/apps/",
                        }),
                    ),
                }
            }
            _ => not_found(),
        }
    }

    fn to_bearer(&self, heard: &Heard, json: &Value) -> Vec<u8> {
        match heard.authorization.starts_with("Bearer gho_") {
            true => said("200 OK", json),
            false => said(
                "401 Unauthorized",
                &json!({ "message": "Requires authentication" }),
            ),
        }
    }

    /// RFC 6749 §4.1.3 and RFC 7636 §4.6, as a provider must.
    fn redeem(&mut self, heard: &Heard) -> Result<Value, &'static str> {
        let form: HashMap<String, String> = form_urlencoded::parse(heard.body.as_bytes())
            .into_owned()
            .collect();
        let of = |name: &str| form.get(name).cloned().unwrap_or_default();
        let basic = heard.authorization.strip_prefix("Basic ").map(|text| {
            let bytes = base64::engine::general_purpose::STANDARD.decode(text);
            String::from_utf8(bytes.expect("base64")).expect("text")
        });
        let encoded: String = form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
        let known = match basic {
            Some(basic) => basic == format!("{CLIENT_ID}:{encoded}"),
            None => of("client_id") == CLIENT_ID && of("client_secret") == SECRET,
        };
        if !known {
            return Err("invalid_client");
        }
        let code = self.codes.remove(&of("code")).ok_or("invalid_grant")?;
        let challenge = URL_SAFE_NO_PAD.encode(sha256(of("code_verifier").as_bytes()));
        match code.challenge == challenge && code.redirect_uri == of("redirect_uri") {
            true => Ok(code.tokens),
            false => Err("invalid_grant"),
        }
    }
}

fn header(head: &str, name: &str) -> String {
    let line = head.lines().find_map(|line| {
        let (own, value) = line.split_once(':')?;
        own.eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    });
    line.unwrap_or_default()
}

/// `object` with these members replaced; null takes out, and `{"null": true}` is null.
pub fn changed(mut object: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().into_iter().flatten() {
        match value {
            Value::Null => drop(object.as_object_mut().map(|object| object.remove(name))),
            value if *value == json!({ "null": true }) => object[name] = Value::Null,
            value => object[name] = value.clone(),
        }
    }
    object
}
