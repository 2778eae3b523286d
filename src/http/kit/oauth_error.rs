//! OAuth errors as answers: JSON with the right status (RFC 6749 §5.2, RFC 6750 §3).

use entity::db::is_away;
use poem::{IntoResponse, Response, http::StatusCode};
use poem_openapi::{ApiResponse, Object, payload::Json};
use sea_orm::DbErr;

use super::{body::FormError, headers::RETRY_AFTER};
use crate::{
    app::App,
    authorization::PushError,
    clients::authenticate::AuthenticationError,
    devices::DeviceError,
    grants::GrantError,
    oauth::error::{ErrorCode, OauthError},
};

/// Seconds after which there may be room again, for a 429.
const AN_HOUR: u32 = 3600;

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
    /// There is no such endpoint here: it is switched off.
    #[oai(status = 404)]
    NotFound(Json<ErrorBody>),
    /// The form is longer than 64 KiB.
    #[oai(status = 413)]
    TooLarge(Json<ErrorBody>),
    /// It was asked too often, or there is no room for more; ask again later.
    #[oai(status = 429)]
    TooOften(Json<ErrorBody>, #[oai(header = "Retry-After")] u32),
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

    /// 429: there is no room for one more of these for a while.
    pub fn too_many(why: &str) -> Self {
        let error = OauthError::new(ErrorCode::TemporarilyUnavailable, why);
        Self::TooOften(body(&error), AN_HOUR)
    }

    /// 404: what the endpoint is for is switched off.
    pub fn no_endpoint() -> Self {
        Self::NotFound(body(&OauthError::invalid_request(
            "there is no such endpoint",
        )))
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

pub(super) fn body(error: &OauthError) -> Json<ErrorBody> {
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
            AuthenticationError::TooOften(often) => {
                Self::TooOften(body(&OauthError::invalid_client()), often.retry_after)
            }
            AuthenticationError::Unexpected(error) => error.into(),
        }
    }
}

impl From<DeviceError> for OauthFailure {
    fn from(error: DeviceError) -> Self {
        match error {
            DeviceError::Refused(error) => error.into(),
            DeviceError::TooOften(often) => {
                let error = OauthError::new(ErrorCode::SlowDown, "too many devices ask from here");
                Self::TooOften(body(&error), often.retry_after)
            }
            DeviceError::Unexpected(error) => error.into(),
        }
    }
}

impl From<PushError> for OauthFailure {
    fn from(error: PushError) -> Self {
        match error {
            PushError::Refused(error) => error.into(),
            PushError::TooOften(often) => {
                let why = "too many requests are pushed from here";
                Self::TooOften(
                    body(&OauthError::new(ErrorCode::SlowDown, why)),
                    often.retry_after,
                )
            }
            PushError::Unexpected(error) => Self::unexpected(&error),
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
