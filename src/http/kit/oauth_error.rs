//! OAuth errors as answers: JSON with the right status (RFC 6749 §5.2, RFC 6750 §3).

use entity::db::is_away;
use poem::{IntoResponse, Response, http::StatusCode};
use poem_openapi::{ApiResponse, Object, payload::Json};
use sea_orm::DbErr;

use super::{body::FormError, headers::RETRY_AFTER};
use crate::{
    app::App,
    clients::authenticate::AuthenticationError,
    grants::GrantError,
    oauth::error::{ErrorCode, OauthError},
};

/// The body of an OAuth error.
#[derive(Debug, Object)]
pub struct ErrorBody {
    /// The code, from the registry of OAuth errors.
    pub error: ErrorCode,
    /// For the developer of the client; printable ASCII.
    pub error_description: String,
}

/// An error of a back-channel endpoint.
#[derive(Debug, ApiResponse)]
pub enum OauthFailure {
    /// The request is wrong.
    #[oai(status = 400)]
    BadRequest(Json<ErrorBody>),
    /// The client or the token is not accepted.
    #[oai(status = 401)]
    Unauthorized(Json<ErrorBody>, #[oai(header = "WWW-Authenticate")] String),
    /// The token does not reach this far.
    #[oai(status = 403)]
    Forbidden(Json<ErrorBody>, #[oai(header = "WWW-Authenticate")] String),
    /// The form is longer than 64 KiB.
    #[oai(status = 413)]
    TooLarge(Json<ErrorBody>),
    /// The database does not answer; ask again later.
    #[oai(status = 503)]
    Away(Json<ErrorBody>, #[oai(header = "Retry-After")] u32),
    /// Something went wrong here; the log says what, by the request id.
    #[oai(status = 500)]
    Unexpected(Json<ErrorBody>),
}

impl OauthFailure {
    /// 401 `invalid_client`, with the challenge that RFC 6749 §5.2 asks for.
    pub fn invalid_client() -> Self {
        let challenge = "Basic realm=\"doorward\", charset=\"UTF-8\"".to_owned();
        Self::Unauthorized(body(&OauthError::invalid_client()), challenge)
    }

    /// 401 for a protected resource: without an error code if no token was sent (RFC 6750 §3.1).
    pub fn bearer(error: Option<&OauthError>) -> Self {
        match error {
            None => {
                let error = OauthError::new(ErrorCode::InvalidToken, "an access token is needed");
                Self::Unauthorized(body(&error), "Bearer realm=\"doorward\"".to_owned())
            }
            Some(error) => Self::Unauthorized(body(error), challenge(error)),
        }
    }

    /// 403: the token is good but lacks `scope` (RFC 6750 §3.1).
    pub fn insufficient_scope(scope: &str) -> Self {
        let error = OauthError::new(ErrorCode::InsufficientScope, "the token lacks a scope");
        let challenge = format!("{}, scope=\"{scope}\"", challenge(&error));
        Self::Forbidden(body(&error), challenge)
    }

    /// Logs an unexpected error; the client learns that it is not to blame.
    pub fn unexpected(error: &anyhow::Error) -> Self {
        tracing::error!(error = format!("{error:#}"), "unexpected");
        if error.downcast_ref().is_some_and(is_away) {
            let error = OauthError::new(ErrorCode::ServerError, "try again in a moment");
            return Self::Away(body(&error), RETRY_AFTER);
        }
        let error = OauthError::new(ErrorCode::ServerError, "something went wrong here");
        Self::Unexpected(body(&error))
    }
}

fn challenge(error: &OauthError) -> String {
    format!(
        "Bearer realm=\"doorward\", error=\"{}\", error_description=\"{}\"",
        error.code.name(),
        error.description()
    )
}

fn body(error: &OauthError) -> Json<ErrorBody> {
    Json(ErrorBody {
        error: error.code,
        error_description: error.description().to_owned(),
    })
}

/// What the OAuth area says where no door has spoken: no such endpoint, not this method.
pub fn face(_: &App, status: StatusCode, _: &str) -> Response {
    let error = match status {
        StatusCode::NOT_FOUND => OauthError::invalid_request("there is no such endpoint"),
        StatusCode::METHOD_NOT_ALLOWED => {
            OauthError::invalid_request("the endpoint does not take this method")
        }
        status if status.is_client_error() => {
            OauthError::invalid_request("the request is not well formed")
        }
        _ => OauthError::new(ErrorCode::ServerError, "something went wrong here"),
    };
    let mut response = body(&error).into_response();
    response.set_status(status);
    response
}

impl From<OauthError> for OauthFailure {
    fn from(error: OauthError) -> Self {
        match error.code {
            ErrorCode::InvalidClient => Self::invalid_client(),
            _ => Self::BadRequest(body(&error)),
        }
    }
}

impl From<FormError> for OauthFailure {
    fn from(error: FormError) -> Self {
        let told = OauthError::invalid_request(error.to_string());
        match error {
            FormError::TooLong => Self::TooLarge(body(&told)),
            _ => Self::BadRequest(body(&told)),
        }
    }
}

impl From<AuthenticationError> for OauthFailure {
    fn from(error: AuthenticationError) -> Self {
        match error {
            AuthenticationError::Malformed(error) => error.into(),
            AuthenticationError::Refused => Self::invalid_client(),
            AuthenticationError::Unexpected(error) => error.into(),
        }
    }
}

impl From<GrantError> for OauthFailure {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Refused(error) => error.into(),
            GrantError::Unexpected(error) => Self::unexpected(&error),
        }
    }
}

impl From<DbErr> for OauthFailure {
    fn from(error: DbErr) -> Self {
        Self::unexpected(&error.into())
    }
}
