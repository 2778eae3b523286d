//! Calls: what a relying party asks of the provider's endpoints, each as a step.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::{
    CLIENT_ID, curl,
    memory::Started,
    provider::Provider,
    steps::{Check, Outcome, Step},
};
use crate::{
    app::App,
    fetch::{Answer, FetchError},
    oauth::pkce::challenge_of,
    paths,
};

/// A token response (RFC 6749 §5.1).
#[derive(Deserialize)]
pub struct Tokens {
    pub access_token: String,
    token_type: String,
    pub refresh_token: Option<String>,
    pub id_token: Option<String>,
}

/// Asks the issuer for its metadata. That must be of the issuer that was asked (Discovery §4.3).
pub async fn discover(app: &App) -> Outcome<Provider> {
    const TITLE: &str = "Discovery";
    let url = app.url(paths::DISCOVERY_OPENID);
    let answer = app.fetch.get_json(&url, None).await;
    let (step, provider) = told::<Provider>(
        TITLE,
        "The issuer says where its endpoints are and what it can do.",
        answer,
        curl::get(&url, None),
    );
    match provider {
        Some(provider) if provider.issuer != app.config.server.issuer => {
            let why = "The document is of another issuer than the one that was asked.";
            (Step::failed(TITLE, why), None)
        }
        provider => (step, provider),
    }
}

impl Provider {
    /// Where the browser goes to sign in (OpenID Connect Core §3.1.2.1).
    pub fn authorize_url(&self, app: &App, started: &Started) -> String {
        let max_age = started.max_age.map(|seconds| seconds.to_string());
        let optional = [
            (
                "scope",
                Some(started.scope.as_str()).filter(|scope| !scope.is_empty()),
            ),
            ("prompt", started.prompt.as_deref()),
            ("max_age", max_age.as_deref()),
        ];
        let challenge = challenge_of(&started.code_verifier).unwrap_or_default();
        let mut query = Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", CLIENT_ID)
            .append_pair("redirect_uri", &app.url(paths::PLAYGROUND_CALLBACK))
            .extend_pairs(
                optional
                    .iter()
                    .filter_map(|(name, value)| Some((name, (*value)?))),
            )
            .append_pair("state", &started.state)
            .append_pair("nonce", &started.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        with_query(&self.authorization_endpoint, &query.finish())
    }

    /// Exchanges the code for tokens (RFC 6749 §4.1.3).
    pub async fn exchange(&self, app: &App, code: &str, started: &Started) -> Outcome<Tokens> {
        let redirect_uri = app.url(paths::PLAYGROUND_CALLBACK);
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &redirect_uri),
            ("client_id", CLIENT_ID),
            ("code_verifier", &started.code_verifier),
        ];
        let said = "The code was exchanged for tokens, which only whoever knows the code verifier can do (RFC 7636). Sent once more, it ends these tokens.";
        self.tokens(app, "Token request", said, &form).await
    }

    /// Exchanges the refresh token for new tokens (RFC 6749 §6).
    pub async fn refresh(&self, app: &App, refresh_token: &str) -> Outcome<Tokens> {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
            ("client_id", CLIENT_ID),
        ];
        let said = "The refresh token was exchanged for new tokens and is spent. Sent once more, later than a lost answer explains, it ends them all.";
        self.tokens(app, "Refresh request", said, &form).await
    }

    /// The keys with which the issuer signs (RFC 7517 §5).
    pub async fn keys(&self, app: &App) -> Outcome<Value> {
        let answer = app.fetch.get_json(&self.jwks_uri, None).await;
        let said = "The public keys of the issuer, to verify its signatures with.";
        told("Key set", said, answer, curl::get(&self.jwks_uri, None))
    }

    /// What the provider says about the person. It must be about the person of the ID token
    /// (OpenID Connect Core §5.3.2).
    pub async fn userinfo(&self, app: &App, access_token: &str, subject: Option<&str>) -> Step {
        let (url, token) = (&self.userinfo_endpoint, Some(access_token));
        let answer = app.fetch.get_json(url, token).await;
        let said = "The provider says about the person what the granted scopes buy.";
        let (step, claims) = told::<Value>("Userinfo", said, answer, curl::get(url, token));
        let Some(claims) = claims else {
            return step.secret();
        };
        let same = Check::that(
            subject.is_some() && claims["sub"].as_str() == subject,
            "sub is the person of the ID token",
            "sub is another person than the one of the ID token",
        );
        step.secret().and(same)
    }

    /// Where the browser goes to sign out (OpenID Connect RP-Initiated Logout 1.0 §2).
    pub fn logout_url(&self, app: &App, id_token: &str, state: &str) -> String {
        let query = Serializer::new(String::new())
            .append_pair("id_token_hint", id_token)
            .append_pair("post_logout_redirect_uri", &app.url(paths::PLAYGROUND))
            .append_pair("state", state)
            .finish();
        with_query(&self.end_session_endpoint, &query)
    }

    async fn tokens(
        &self,
        app: &App,
        title: &'static str,
        said: &str,
        form: &[(&str, &str)],
    ) -> Outcome<Tokens> {
        let url = &self.token_endpoint;
        let answer = app.fetch.post_form(url, form, None).await;
        let (step, tokens) = told::<Tokens>(title, said, answer, curl::post(url, form));
        match tokens {
            // RFC 6749 §7.1: a client does not use a token of a type that it does not know.
            Some(tokens) if !tokens.token_type.eq_ignore_ascii_case("Bearer") => {
                let why = "The token is of a type that the playground does not know.";
                (Step::failed(title, why), None)
            }
            tokens => (step.secret(), tokens),
        }
    }
}

/// The step that a call is, with the answer if it is what it should be.
fn told<T: DeserializeOwned>(
    title: &'static str,
    said: &str,
    answer: Result<Answer, FetchError>,
    command: String,
) -> Outcome<T> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let why = format!("The endpoint could not be used: {error}.");
            return (Step::failed(title, why).curl(command), None);
        }
    };
    let (step, value) = match answer.read() {
        Ok(value) => (Step::passed(title, said), Some(value)),
        Err(_) => (Step::failed(title, refusal(&answer)), None),
    };
    (step.curl(command).data(&answer.json), value)
}

fn refusal(answer: &Answer) -> String {
    let text = |name: &str| answer.json[name].as_str();
    let status = answer.status;
    match (text("error"), text("error_description")) {
        (Some(error), Some(why)) => format!("The endpoint answered {status} {error}: {why}."),
        (Some(error), None) => format!("The endpoint answered {status} {error}."),
        (None, _) => format!("The endpoint answered {status}, and not with what was expected."),
    }
}

/// An endpoint may have a query of its own (RFC 6749 §3.1).
fn with_query(endpoint: &str, query: &str) -> String {
    let joint = if endpoint.contains('?') { '&' } else { '?' };
    format!("{endpoint}{joint}{query}")
}
