//! The wire of a stand-in: what it hears, what it answers, and what a code is good for.

use std::{
    collections::{HashMap, HashSet},
    sync::Mutex,
};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use doorward::crypto::{secret::random_id, sha256};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use url::form_urlencoded;

use super::{
    documents::said,
    standin::{CLIENT_ID, SECRET},
};

#[derive(Default)]
pub struct State {
    /// What it answers at which path, instead of what it should.
    pub says: HashMap<String, Vec<u8>>,
    /// Where it takes a call and never answers.
    pub silent: HashSet<String>,
    pub codes: HashMap<String, Code>,
    /// Those that are still good.
    pub refresh_tokens: HashSet<String>,
    pub heard: Vec<Heard>,
    pub discovery: Value,
    pub jwks: Value,
    pub user: Value,
    pub emails: Value,
    pub userinfo: Value,
}

/// What a code is good for.
pub struct Code {
    pub challenge: String,
    pub redirect_uri: String,
    pub tokens: Value,
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

/// Answers one request.
pub async fn serve(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
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
            let bytes = STANDARD.decode(text);
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
        if of("grant_type") == "refresh_token" {
            return self.refresh(&of("refresh_token"));
        }
        let code = self.codes.remove(&of("code")).ok_or("invalid_grant")?;
        let challenge = URL_SAFE_NO_PAD.encode(sha256(of("code_verifier").as_bytes()));
        match code.challenge == challenge && code.redirect_uri == of("redirect_uri") {
            true => {
                let token = code.tokens["refresh_token"].as_str();
                self.refresh_tokens.extend(token.map(str::to_owned));
                Ok(code.tokens)
            }
            false => Err("invalid_grant"),
        }
    }

    /// RFC 6749 §6, by a provider that turns its refresh tokens: each is good once.
    fn refresh(&mut self, token: &str) -> Result<Value, &'static str> {
        if !self.refresh_tokens.remove(token) {
            return Err("invalid_grant");
        }
        let next = format!("1//{}", random_id::<16>());
        self.refresh_tokens.insert(next.clone());
        Ok(json!({
            "access_token": random_id::<16>(),
            "expires_in": 3599,
            "refresh_token": next,
            "token_type": "Bearer",
        }))
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
