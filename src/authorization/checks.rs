//! The checks of an authorization request, in their order: client, redirect URI, everything else
//! (RFC 6749 §4.1.2.1). A check of the table runs only after the redirect URI is proven, so it can
//! refuse by answering; one that comes earlier has nothing to redirect to.

mod asking_again;
mod hints;

use entity::{
    client,
    value::{OPENID, ResponseMode, ResponseType},
};
use sea_orm::DbErr;

use super::{
    Request, ReturnTo, Stop, asked_claims,
    return_to::mode_of_errors,
    source::{self, Asked},
};
use crate::{
    app::App,
    oauth::{
        error::{ErrorCode, OauthError},
        params::Params,
        pkce::{Challenge, is_sha256},
        redirect_uri, scope,
    },
    tokens::resource,
};

/// A request while it is checked.
#[derive(Debug)]
pub struct Checks<'a> {
    app: &'a App,
    params: &'a Params,
    client: client::Model,
    request: Request,
    /// What is wrong with where the parameters come from.
    refused: Option<OauthError>,
    /// The resources that are asked for, if all of them are known.
    resources: Result<Vec<String>, OauthError>,
}

type Check = fn(&mut Checks<'_>) -> Result<(), OauthError>;

/// Everything else, in order.
const CHECKS: [Check; 15] = [
    source,
    no_parameter_twice,
    response_type,
    response_mode,
    no_registration,
    state_and_nonce,
    scope,
    resource,
    claims,
    pkce,
    dpop_jkt,
    asking_again::prompt,
    asking_again::max_age,
    hints::id_token_hint,
    hints::login_hint,
];

impl Checks<'_> {
    /// Checks the request of one browser.
    pub async fn run(
        app: &App,
        params: &Params,
        visitor: &str,
    ) -> anyhow::Result<Result<(client::Model, Request), Stop>> {
        Ok(match source::visited(app, params).await? {
            Ok(asked) => Self::examine(app, &asked, visitor).await?,
            Err(error) => Err(Stop::Show(error)),
        })
    }

    /// Checks a request, wherever its parameters come from.
    pub(super) async fn examine(
        app: &App,
        asked: &Asked,
        visitor: &str,
    ) -> Result<Result<(client::Model, Request), Stop>, DbErr> {
        let redirect_uri = match proven(asked) {
            Ok(proven) => proven,
            Err(error) => {
                let first = asked.refused.clone().unwrap_or(error);
                return Ok(Err(Stop::Show(first)));
            }
        };
        let client = asked.client.clone();
        let mut request = Request::begun(&client, redirect_uri, visitor, app.clock.now());
        request.pushed = asked.pushed;
        let mut checks = Checks {
            app,
            params: &asked.params,
            client,
            request,
            refused: asked.refused.clone(),
            resources: resource::asked(app, asked.params.all("resource")).await?,
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
        let mode = mode_of_errors(self.params);
        ReturnTo::proven(self.request.redirect_uri.clone(), state, mode)
    }
}

/// The redirect URI, if it is one of the client's.
fn proven(asked: &Asked) -> Result<String, OauthError> {
    let client = &asked.client;
    // Required even if the client has only one (OpenID Connect Core §3.1.2.1).
    let Some(uri) = asked.params.once("redirect_uri") else {
        return Err(source::missing("redirect_uri"));
    };
    if !redirect_uri::is_registered(uri, &client.redirect_uris, client.application_type) {
        return Err(source::stranger());
    }
    Ok(uri.to_owned())
}

/// OpenID Connect Core §6, RFC 9101, RFC 9126: what the parameters stand in can be refused as a whole.
fn source(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    checks.refused.take().map_or(Ok(()), Err)
}

/// RFC 6749 §3.1.
fn no_parameter_twice(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    checks.params.refuse_repeated()
}

/// What the client registered and its profile allows.
pub(super) fn may_be_answered(client: &client::Model, kind: ResponseType) -> bool {
    let registered = client.response_types.0.contains(&kind);
    let allowed = kind == ResponseType::Code || client.demands().front_channel_tokens;
    // A token that a browser carries cannot be bound to a key that only the client has.
    let flags = [
        client.metadata.dpop_bound_access_tokens,
        client.metadata.tls_client_certificate_bound_access_tokens,
    ];
    let bound = kind.has_token() && flags.contains(&Some(true));
    registered && allowed && !bound
}

/// RFC 6749 §3.1.1; and only what this client may be answered with.
fn response_type(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    let Some(text) = checks.params.get("response_type") else {
        return Err(OauthError::invalid_request("response_type is missing"));
    };
    let on = checks.app.config.features.implicit_and_hybrid;
    let known = ResponseType::named(text).filter(|kind| on || *kind == ResponseType::Code);
    let Some(kind) = known else {
        let why = "response_type is not one that this server gives";
        return Err(OauthError::new(ErrorCode::UnsupportedResponseType, why));
    };
    if !may_be_answered(&checks.client, kind) {
        let why = "the client may not use this response_type";
        return Err(OauthError::new(ErrorCode::UnauthorizedClient, why));
    }
    checks.request.response_type = kind;
    Ok(())
}

/// OAuth 2.0 Multiple Response Type Encoding Practices §2.1, §5.
fn response_mode(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    let usual = checks.request.response_type.default_mode();
    let mode = match checks.params.get("response_mode") {
        None => usual,
        Some(text) => ResponseMode::named(text).ok_or_else(|| {
            OauthError::invalid_request("response_mode is not one that this server knows")
        })?,
    };
    if mode == ResponseMode::Query && usual == ResponseMode::Fragment {
        let why = "response_mode must not be query where the answer holds a token";
        return Err(OauthError::invalid_request(why));
    }
    checks.request.response_mode = mode;
    Ok(())
}

/// OpenID Connect Core §7.2.1: refused by name, never ignored, because its client is another one.
fn no_registration(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    match checks.params.raw("registration") {
        None => Ok(()),
        Some(_) => Err(OauthError::new(
            ErrorCode::RegistrationNotSupported,
            "registration is not supported",
        )),
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
    // OpenID Connect Core §3.2.2.1, §3.3.2.11: without it nothing says which request an ID token
    // from the browser answers.
    if checks.request.response_type.has_id_token() && checks.request.nonce.is_none() {
        return Err(OauthError::invalid_request("nonce is missing"));
    }
    Ok(())
}

/// RFC 6749 §3.3; an ID token is for `openid` only (OpenID Connect Core §3.1.2.1).
fn scope(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    let asked = checks.params.get("scope").unwrap_or_default();
    let granted = scope::granted(asked, &checks.client.scope)?;
    if checks.request.response_type.has_id_token() && !granted.contains(OPENID) {
        return Err(scope::without_openid());
    }
    checks.request.scope = granted.to_string();
    Ok(())
}

/// OpenID Connect Core §5.5. A server that does not support the parameter ignores it.
fn claims(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    if let Some(text) = checks.params.get("claims")
        && checks.app.config.features.claims_parameter
    {
        let asked = asked_claims::read(text, &checks.client.scope)?;
        if let Some(subject) = asked.subject {
            checks.expect(subject);
        }
        checks.request.claims = Some(asked.claims).filter(|claims| !claims.is_empty());
    }
    Ok(())
}

/// RFC 8707 §2.1.
fn resource(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    checks.request.resources = checks.resources.clone()?;
    Ok(())
}

/// RFC 7636 §4.4.1.
fn pkce(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    let challenge = Challenge::read(checks.params)?;
    let needed = checks.request.response_type.has_code() && checks.client.demands().pkce;
    if challenge.is_none() && needed {
        return Err(OauthError::invalid_request(
            "code_challenge is missing: PKCE is required",
        ));
    }
    checks.request.code_challenge = challenge.map(|challenge| challenge.as_str().to_owned());
    Ok(())
}

/// RFC 9449 §10: the thumbprint of the key to which the code will be bound.
fn dpop_jkt(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    let on = checks.app.config.features.dpop;
    let Some(jkt) = checks.params.get("dpop_jkt").filter(|_| on) else {
        return Ok(());
    };
    if !is_sha256(jkt) {
        return Err(OauthError::invalid_request(
            "dpop_jkt is not a SHA-256 in base64url",
        ));
    }
    checks.request.dpop_jkt = Some(jkt.to_owned());
    Ok(())
}
