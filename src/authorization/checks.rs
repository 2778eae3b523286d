//! The checks of an authorization request, in their order: client, redirect URI, everything else
//! (RFC 6749 §4.1.2.1). A check of the table runs only after the redirect URI is proven, so it can
//! refuse by answering; one that comes earlier has nothing to redirect to.

use entity::{
    client,
    value::{OPENID, ResponseMode, ResponseType, STANDARD_SCOPES, Scope},
};
use sea_orm::DbErr;
use serde::Deserialize;

use super::{Request, ReturnTo, Stop};
use crate::{
    app::App,
    crypto::jwt::Typ,
    oauth::{
        error::{ErrorCode, OauthError},
        params::Params,
        pkce::Challenge,
        prompt::Prompt,
        redirect_uri,
    },
};

/// A request while it is checked.
#[derive(Debug)]
pub struct Checks<'a> {
    app: &'a App,
    params: &'a Params,
    client: client::Model,
    request: Request,
}

type Check = fn(&mut Checks<'_>) -> Result<(), OauthError>;

/// Everything else, in order.
const CHECKS: [Check; 10] = [
    no_parameter_twice,
    response_mode,
    response_type,
    no_request_object,
    state_and_nonce,
    scope,
    pkce,
    prompt_and_max_age,
    id_token_hint,
    login_hint,
];

impl Checks<'_> {
    /// Checks the request of one browser.
    pub async fn run(
        app: &App,
        params: &Params,
        visitor: &str,
    ) -> Result<Result<(client::Model, Request), Stop>, DbErr> {
        let (client, redirect_uri) = match proven(app, params).await? {
            Ok(proven) => proven,
            Err(error) => return Ok(Err(Stop::Show(error))),
        };
        let request = Request::begun(&client, redirect_uri, visitor, app.clock.now());
        let mut checks = Checks {
            app,
            params,
            client,
            request,
        };
        let stopped = CHECKS.iter().find_map(|check| check(&mut checks).err());
        Ok(match stopped {
            Some(error) => Err(Stop::Answer(checks.return_to(), error)),
            None => Ok((checks.client, checks.request)),
        })
    }

    /// Where to answer an error: `state` goes along only if it is fit to.
    fn return_to(&self) -> ReturnTo {
        let state = match self.params.is_repeated("state") {
            true => None,
            false => self.params.get("state").map(str::to_owned),
        };
        ReturnTo::proven(self.request.redirect_uri.clone(), state)
    }
}

/// The client and its redirect URI. One sentence for whatever is wrong with either, because a
/// stranger need not learn which clients exist.
async fn proven(
    app: &App,
    params: &Params,
) -> Result<Result<(client::Model, String), OauthError>, DbErr> {
    let missing = |name: &str| {
        OauthError::invalid_request(format!("{name} is missing or was sent more than once"))
    };
    let once = |name: &str| params.get(name).filter(|_| !params.is_repeated(name));
    let Some(client_id) = once("client_id") else {
        return Ok(Err(missing("client_id")));
    };
    // Required even if the client has only one (OpenID Connect Core §3.1.2.1).
    let Some(uri) = once("redirect_uri") else {
        return Ok(Err(missing("redirect_uri")));
    };
    let client = client::enabled(&app.db.read, client_id)
        .await?
        .filter(|client| {
            redirect_uri::is_registered(uri, &client.redirect_uris, client.application_type)
        });
    Ok(client.map(|client| (client, uri.to_owned())).ok_or_else(|| {
        OauthError::invalid_request(
            "the application is not registered here, or not with the address that it wants you to return to",
        )
    }))
}

/// RFC 6749 §3.1.
fn no_parameter_twice(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    checks.params.refuse_repeated()
}

/// OAuth 2.0 Multiple Response Type Encoding Practices §2.1.
fn response_mode(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    match checks.params.get("response_mode").map(ResponseMode::named) {
        None | Some(Some(ResponseMode::Query)) => Ok(()),
        Some(None) => Err(OauthError::invalid_request("response_mode must be query")),
    }
}

/// RFC 6749 §3.1.1; and only what the client registered.
fn response_type(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    match checks.params.get("response_type") {
        None => Err(OauthError::invalid_request("response_type is missing")),
        Some("code") if checks.client.response_types.0.contains(&ResponseType::Code) => Ok(()),
        Some("code") => Err(OauthError::new(
            ErrorCode::UnauthorizedClient,
            "the client may not use this response_type",
        )),
        Some(_) => Err(OauthError::new(
            ErrorCode::UnsupportedResponseType,
            "response_type must be code",
        )),
    }
}

/// OpenID Connect Core §6.1, §6.2, §7.2.1: refused by name, never ignored, because what they hold
/// would have to win over what is outside.
fn no_request_object(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    let refused = [
        ("request", ErrorCode::RequestNotSupported),
        ("request_uri", ErrorCode::RequestUriNotSupported),
        ("registration", ErrorCode::RegistrationNotSupported),
    ];
    match refused
        .iter()
        .find(|(name, _)| checks.params.raw(name).is_some())
    {
        Some((name, code)) => Err(OauthError::new(*code, format!("{name} is not supported"))),
        None => Ok(()),
    }
}

/// Both come back byte for byte; the bound keeps the sealed flow within a URL.
fn state_and_nonce(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    for (name, longest) in [("state", 2048), ("nonce", 1024)] {
        if checks
            .params
            .get(name)
            .is_some_and(|value| value.len() > longest)
        {
            return Err(OauthError::invalid_request(format!("{name} is too long")));
        }
    }
    checks.request.state = checks.params.get("state").map(str::to_owned);
    checks.request.nonce = checks.params.get("nonce").map(str::to_owned);
    Ok(())
}

/// Words that nobody here knows are ignored (OpenID Connect Core §3.1.2.1); words that are known
/// and not the client's are refused (RFC 6749 §3.3).
fn scope(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    let invalid = |why: &str| OauthError::new(ErrorCode::InvalidScope, why);
    let text = checks.params.get("scope").unwrap_or_default();
    let asked: Scope = text
        .parse()
        .map_err(|_| invalid("scope is not well formed"))?;
    let own = &checks.client.scope;
    if asked
        .words()
        .any(|word| STANDARD_SCOPES.contains(&word) && !own.contains(word))
    {
        return Err(invalid("the client may not have this scope"));
    }
    let granted = asked.intersection(own);
    // The claims of a person belong to OpenID Connect; without `openid` they buy nothing.
    let about_a_person = granted.words().any(|word| STANDARD_SCOPES.contains(&word));
    if about_a_person && !granted.contains(OPENID) {
        return Err(invalid("scope must contain openid"));
    }
    checks.request.scope = granted.to_string();
    Ok(())
}

/// RFC 7636 §4.4.1.
fn pkce(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    let challenge = Challenge::read(checks.params)?;
    if challenge.is_none() && checks.client.demands().pkce {
        return Err(OauthError::invalid_request(
            "code_challenge is missing: PKCE is required",
        ));
    }
    checks.request.code_challenge = challenge.map(|challenge| challenge.as_str().to_owned());
    Ok(())
}

/// OpenID Connect Core §3.1.2.1.
fn prompt_and_max_age(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    checks.request.prompt = Prompt::parse(checks.params.get("prompt").unwrap_or_default())?;
    checks.request.max_age = match checks.params.get("max_age") {
        None => None,
        Some(text) => {
            // `parse` alone would take a sign.
            let digits = text.bytes().all(|b| b.is_ascii_digit());
            let seconds = text.parse().ok().filter(|_| digits);
            Some(seconds.ok_or_else(|| {
                OauthError::invalid_request("max_age must be a whole number of seconds")
            })?)
        }
    };
    Ok(())
}

/// OpenID Connect Core §3.1.2.1: an ID token of ours, expired or not, names who is expected.
fn id_token_hint(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    #[derive(Deserialize)]
    struct Hint {
        iss: String,
        sub: String,
    }
    let Some(token) = checks.params.get("id_token_hint") else {
        return Ok(());
    };
    let hint = checks.app.keyring.verify::<Hint>(token, Typ::IdToken).ok();
    let hint = hint.filter(|hint| hint.iss == checks.app.config.server.issuer);
    let hint =
        hint.ok_or_else(|| OauthError::invalid_request("id_token_hint is not one of ours"))?;
    checks.request.expected_subject = Some(hint.sub);
    Ok(())
}

/// A hint fills in a field; one that is too long for an address fills in nothing.
fn login_hint(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    let hint = checks
        .params
        .get("login_hint")
        .filter(|hint| hint.len() <= 254);
    checks.request.login_hint = hint.map(str::to_owned);
    Ok(())
}
