//! Protected resources of ours: which access token opens one, and in whose hands (RFC 6750 §3,
//! RFC 9449 §7, RFC 8705 §3).

use entity::value::Confirmation;
use poem::Request;

use super::{
    bearer::{self, Presented, Scheme},
    certificate,
    dpop::accept,
    oauth_error::{OauthFailure, body},
};
use crate::{
    app::App,
    oauth::{
        algorithms::STRONG,
        error::{ErrorCode, OauthError},
        params::Params,
    },
    tokens::verify::{self, Valid},
};

/// A token that is good, presented by whom it is for.
#[derive(Debug)]
pub struct Opened {
    pub valid: Valid,
    scheme: Scheme,
}

/// The access token with which a request opens the resource at `path`.
pub async fn open(
    app: &App,
    request: &Request,
    form: Option<&Params>,
    path: &str,
) -> Result<Opened, OauthFailure> {
    let Some(presented) = bearer::presented(request, form)? else {
        return Err(nothing_presented(app));
    };
    let scheme = presented.scheme;
    if scheme == Scheme::Dpop && !app.config.features.dpop {
        return Err(OauthError::invalid_request("DPoP is not spoken here").into());
    }
    let Some(valid) = verify::valid(app, &presented.token).await? else {
        return Err(refused(scheme, &OauthError::invalid_token()));
    };
    let bound = valid.claims.cnf.clone().unwrap_or_default();
    check_key(app, request, path, &presented, &bound).await?;
    // RFC 8705 §3: the certificate of this very connection.
    let shown = || certificate::of(request).map(|certificate| certificate.thumbprint());
    if bound.x5t_s256.is_some() && bound.x5t_s256 != shown() {
        let why = "the access token is bound to another certificate";
        return Err(refused(scheme, &told(why)));
    }
    Ok(Opened { valid, scheme })
}

/// RFC 9449 §7.1, §7.2: the scheme says whether the token is bound, and so must the token.
async fn check_key(
    app: &App,
    request: &Request,
    path: &str,
    presented: &Presented,
    bound: &Confirmation,
) -> Result<(), OauthFailure> {
    let refuse = |error: &OauthError| Err(refused(Scheme::Dpop, error));
    match (presented.scheme, &bound.jkt) {
        (Scheme::Bearer, None) => Ok(()),
        (Scheme::Bearer, Some(_)) => refuse(&told("the access token needs a DPoP proof")),
        (Scheme::Dpop, None) => refuse(&told("the access token is not bound to a key")),
        (Scheme::Dpop, Some(jkt)) => {
            match accept(app, request, path, Some(&presented.token)).await {
                Ok(own) if own == *jkt => Ok(()),
                Ok(_) => refuse(&told("the access token is bound to another key")),
                Err(error) => refuse(&error.told()?),
            }
        }
    }
}

impl Opened {
    /// 401: the token is good, but not here.
    pub fn refused(&self) -> OauthFailure {
        refused(self.scheme, &OauthError::invalid_token())
    }

    /// 403: the token is good but lacks `scope` (RFC 6750 §3.1).
    pub fn insufficient_scope(&self, scope: &str) -> OauthFailure {
        let error = OauthError::new(ErrorCode::InsufficientScope, "the token lacks a scope");
        let challenge = challenge(self.scheme, &error);
        OauthFailure::Forbidden(body(&error), format!("{challenge}, scope=\"{scope}\""))
    }
}

fn told(why: &str) -> OauthError {
    OauthError::new(ErrorCode::InvalidToken, why)
}

fn refused(scheme: Scheme, error: &OauthError) -> OauthFailure {
    OauthFailure::Unauthorized(body(error), challenge(scheme, error))
}

/// RFC 6750 §3, RFC 9449 §7.1.
fn challenge(scheme: Scheme, error: &OauthError) -> String {
    let (code, description) = (error.code.name(), error.description());
    let error = format!("error=\"{code}\", error_description=\"{description}\"");
    match scheme {
        Scheme::Bearer => format!("Bearer realm=\"doorward\", {error}"),
        Scheme::Dpop => format!("DPoP {error}, {}", algs()),
    }
}

/// 401 without an error code where no token was sent (RFC 6750 §3.1), and both ways to send one.
fn nothing_presented(app: &App) -> OauthFailure {
    let error = told("an access token is needed");
    let mut challenge = "Bearer realm=\"doorward\"".to_owned();
    if app.config.features.dpop {
        challenge = format!("{challenge}, DPoP {}", algs());
    }
    OauthFailure::Unauthorized(body(&error), challenge)
}

fn algs() -> String {
    format!("algs=\"{}\"", STRONG.join(" "))
}
