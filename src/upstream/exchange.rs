//! OAuth 2.0 as its client (RFC 6749 §4.1), with PKCE always (RFC 7636): where somebody is sent, and
//! how the code with which they come back becomes tokens. The `oauth2` crate writes the requests and
//! reads the answers; the calls go through [`crate::fetch`].

use std::pin::Pin;

use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointNotSet, EndpointSet, ExtraTokenFields, HttpRequest, HttpResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardRevocableToken,
    StandardTokenResponse, TokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
        BasicTokenType,
    },
    http::{HeaderValue, header},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Failure, Provider, failure::Broken, tokens::Tokens};
use crate::{
    app::App,
    fetch::{FetchError, Outgoing},
};

/// What providers answer beside RFC 6749 §5.1.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Extra {
    id_token: Option<String>,
    session_state: Option<String>,
}

impl ExtraTokenFields for Extra {}

type NoAnswer = RequestTokenError<FetchError, BasicErrorResponse>;

type Answer = StandardTokenResponse<Extra, BasicTokenType>;

type Client = oauth2::Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// Where a provider answers.
#[derive(Clone, Debug)]
pub(super) struct Endpoints {
    pub authorization: String,
    pub token: String,
    /// It takes no credentials in the header (`client_secret_post`).
    pub secret_in_form: bool,
}

/// What makes one authorization request differ from another.
#[derive(Debug)]
pub(super) struct Asking<'a> {
    pub state: &'a str,
    pub verifier: &'a str,
    pub scopes: &'a [&'a str],
    pub parameters: Vec<(&'a str, &'a str)>,
}

/// The longest word of a provider that is logged.
const QUOTED: usize = 64;

/// Where to send somebody.
pub(super) fn authorization_url(
    app: &App,
    provider: Provider<'_>,
    endpoints: &Endpoints,
    asking: &Asking<'_>,
) -> Result<String, Broken> {
    let client = client(app, provider, endpoints)?;
    let verifier = PkceCodeVerifier::new(asking.verifier.to_owned());
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
    let own = provider.settings.scopes.iter().map(String::as_str);
    let mut scopes: Vec<&str> = asking.scopes.to_vec();
    scopes.extend(own.filter(|scope| !asking.scopes.contains(scope)));
    let mut request = client
        .authorize_url(|| CsrfToken::new(asking.state.to_owned()))
        .set_pkce_challenge(challenge)
        .add_scopes(scopes.into_iter().map(|scope| Scope::new(scope.to_owned())));
    for (name, value) in &asking.parameters {
        request = request.add_extra_param(*name, *value);
    }
    // They are the operator's, and the settings let none of ours be among them.
    for (name, value) in &provider.settings.parameters {
        if asking.parameters.iter().all(|(own, _)| own != name) {
            request = request.add_extra_param(name.as_str(), value.as_str());
        }
    }
    Ok(request.url().0.into())
}

/// Redeems a code.
pub(super) async fn redeem(
    app: &App,
    provider: Provider<'_>,
    endpoints: &Endpoints,
    (code, verifier): (&str, String),
) -> Result<Tokens, Broken> {
    let client = client(app, provider, endpoints)?;
    let wire = Wire(app.clone());
    let answered = client
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier))
        .request_async(&wire)
        .await;
    tokens(app, answered)
}

/// Asks for another access token (RFC 6749 §6).
pub(super) async fn refresh(
    app: &App,
    provider: Provider<'_>,
    endpoints: &Endpoints,
    token: String,
) -> Result<Tokens, Broken> {
    let client = client(app, provider, endpoints)?;
    let (wire, token) = (Wire(app.clone()), RefreshToken::new(token));
    let answered = client
        .exchange_refresh_token(&token)
        .request_async(&wire)
        .await;
    tokens(app, answered)
}

/// What the token endpoint answered.
fn tokens(app: &App, answered: Result<Answer, NoAnswer>) -> Result<Tokens, Broken> {
    let answer = answered.map_err(|error| match error {
        RequestTokenError::Request(error) => {
            Failure::Unavailable.because(format!("token endpoint: {error}"))
        }
        // Its description is whatever the provider likes, or whoever speaks through it: the code alone
        // says enough.
        RequestTokenError::ServerResponse(said) => {
            let code = quoted(said.error().as_ref());
            Failure::NotBelieved.because(format!("token endpoint: error {code}"))
        }
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            Failure::NotBelieved.because("token endpoint: no token response")
        }
    })?;
    let ends = |seconds: u64| {
        let now = app.clock.now().timestamp();
        now.checked_add(i64::try_from(seconds).ok()?)
    };
    Ok(Tokens {
        access_token: answer.access_token().secret().clone(),
        refresh_token: answer.refresh_token().map(|token| token.secret().clone()),
        id_token: answer.extra_fields().id_token.clone(),
        expires_at: answer.expires_in().and_then(|life| ends(life.as_secs())),
        token_type: answer.token_type().as_ref().to_owned(),
        scope: answer.scopes().map(|scopes| {
            let words: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
            words.join(" ")
        }),
        session_state: answer.extra_fields().session_state.clone(),
    })
}

fn client(app: &App, provider: Provider<'_>, endpoints: &Endpoints) -> Result<Client, Broken> {
    let no_url = |_| Failure::Unavailable.because("an endpoint is no URL");
    let mut client: Client =
        oauth2::Client::new(ClientId::new(provider.settings.client_id.clone()))
            .set_auth_uri(AuthUrl::new(endpoints.authorization.clone()).map_err(no_url)?)
            .set_token_uri(TokenUrl::new(endpoints.token.clone()).map_err(no_url)?)
            .set_redirect_uri(RedirectUrl::new(provider.redirect_uri(app)).map_err(no_url)?)
            .set_auth_type(match endpoints.secret_in_form {
                true => AuthType::RequestBody,
                false => AuthType::BasicAuth,
            });
    if let Some(secret) = provider.settings.secret() {
        client = client.set_client_secret(ClientSecret::new(secret.to_owned()));
    }
    Ok(client)
}

/// By which the crate calls others.
struct Wire(App);

impl<'c> AsyncHttpClient<'c> for Wire {
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(send(&self.0, request))
    }
}

/// Sends what the crate wrote, in our way.
async fn send(app: &App, request: HttpRequest) -> Result<HttpResponse, FetchError> {
    let url = request.uri().to_string();
    let authorization = request.headers().get(header::AUTHORIZATION);
    let outgoing = Outgoing {
        url: &url,
        accept: "application/json",
        authorization: authorization.and_then(|value| value.to_str().ok()),
        form: Some(request.body().clone()),
    };
    let raw = app.fetch.call(outgoing).await?;
    if raw.status >= 500 {
        return Err(FetchError::Unexpected);
    }
    let mut response = HttpResponse::new(raw.bytes);
    *response.status_mut() = match has_error(response.body()) {
        // GitHub says 200 of errors, too.
        true => oauth2::http::StatusCode::BAD_REQUEST,
        false => raw.status.try_into().map_err(|_| FetchError::Unexpected)?,
    };
    // Without one it would be read whatever it is.
    let kind = HeaderValue::from_str(&raw.content_type).map_err(|_| FetchError::NotJson)?;
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

fn has_error(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|json| json.get("error").is_some())
}

/// A word of a provider as it may stand in the log: short, and nothing that is not a letter.
pub(super) fn quoted(word: &str) -> String {
    let known = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let word: String = word.chars().take(QUOTED).collect();
    match !word.is_empty() && word.chars().all(known) {
        true => word,
        false => "of no known form".to_owned(),
    }
}
