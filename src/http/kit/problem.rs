//! Errors of the JSON API: problem details (RFC 9457) with the `message` and `code` that Better Auth
//! clients read.

mod causes;

use poem::{
    IntoResponse, Response,
    error::ResponseError,
    http::{HeaderValue, StatusCode, header},
};
use poem_openapi::{Enum, Object, types::ToJSON};

use super::headers::RETRY_AFTER;
use crate::app::App;

/// What is wrong, in one word for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename = "ProblemCode", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    // The body.
    BadRequest,
    ValidationError,
    PayloadTooLarge,
    UnsupportedMediaType,
    // Where the request came from, and where it wants to go on to.
    MissingOrNullOrigin,
    InvalidOrigin,
    CrossSiteNavigationLoginBlocked,
    InvalidCallbackUrl,
    InvalidRedirectUrl,
    InvalidErrorCallbackUrl,
    InvalidNewUserCallbackUrl,
    // The account.
    Unauthorized,
    InvalidEmailOrPassword,
    EmailNotVerified,
    EmailPasswordSignUpDisabled,
    InvalidEmail,
    UserAlreadyExistsUseAnotherEmail,
    PasswordTooShort,
    PasswordTooLong,
    PasswordTooGuessable,
    PasswordCompromised,
    InvalidPassword,
    CredentialAccountNotFound,
    EmailCanNotBeUpdated,
    NoFieldsToUpdate,
    // The access token.
    InvalidRequest,
    InvalidToken,
    InsufficientScope,
    NotAdministrator,
    // The server.
    NotFound,
    MethodNotAllowed,
    TooManyRequests,
    ServiceUnavailable,
    InternalServerError,
}

/// The body of an error.
#[derive(Debug, Object)]
#[oai(rename = "Problem", rename_all = "camelCase")]
pub struct ProblemBody {
    /// A URN that names the kind of problem; one for each code.
    #[oai(rename = "type")]
    pub kind: String,
    /// The kind of problem in a few words, always the same for one code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong with this request.
    pub detail: String,
    /// The same as `detail`, under the name that Better Auth clients read.
    pub message: String,
    pub code: Code,
    /// The id under which the log tells of this request.
    pub request_id: String,
}

/// An error on its way to the door.
#[derive(Debug, thiserror::Error)]
#[error("{}: {detail}", code.name())]
pub struct Problem {
    pub code: Code,
    status: StatusCode,
    detail: String,
    /// Seconds after which it makes sense to try again.
    retry_after: Option<u32>,
    /// What only the log may tell.
    cause: Option<anyhow::Error>,
}

impl Code {
    /// The code on the wire.
    pub fn name(self) -> String {
        let json = self.to_json();
        json.as_ref()
            .and_then(|json| json.as_str())
            .unwrap_or_default()
            .to_owned()
    }

    pub fn status(self) -> StatusCode {
        match self {
            Self::Unauthorized | Self::InvalidEmailOrPassword | Self::InvalidToken => {
                StatusCode::UNAUTHORIZED
            }
            Self::MissingOrNullOrigin
            | Self::InvalidOrigin
            | Self::CrossSiteNavigationLoginBlocked
            | Self::InvalidCallbackUrl
            | Self::InvalidRedirectUrl
            | Self::InvalidErrorCallbackUrl
            | Self::InvalidNewUserCallbackUrl
            | Self::EmailNotVerified
            | Self::EmailPasswordSignUpDisabled
            | Self::InsufficientScope
            | Self::NotAdministrator => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::UserAlreadyExistsUseAnotherEmail => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::InternalServerError => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::BadRequest => "The body is not JSON",
            Self::ValidationError => "The body does not hold what it should",
            Self::PayloadTooLarge => "The body is longer than 64 KiB",
            Self::UnsupportedMediaType => "The body is not of a type that is read here",
            Self::MissingOrNullOrigin => "The request does not say which page it came from",
            Self::InvalidOrigin => "The request came from a page that is not trusted",
            Self::CrossSiteNavigationLoginBlocked => {
                "Another site may not sign people in by a form"
            }
            Self::InvalidCallbackUrl => "callbackURL leads to a place that is not trusted",
            Self::InvalidRedirectUrl => "redirectTo leads to a place that is not trusted",
            Self::InvalidErrorCallbackUrl => {
                "errorCallbackURL leads to a place that is not trusted"
            }
            Self::InvalidNewUserCallbackUrl => {
                "newUserCallbackURL leads to a place that is not trusted"
            }
            Self::Unauthorized => "Unauthorized",
            Self::InvalidEmailOrPassword => "Invalid email or password",
            Self::EmailNotVerified => "Email not verified; a letter says how that is done",
            Self::EmailPasswordSignUpDisabled => "Nobody can sign up here by themselves",
            Self::InvalidEmail => "Invalid email",
            Self::UserAlreadyExistsUseAnotherEmail => {
                "An account with this email exists; use another one"
            }
            Self::PasswordTooShort => "Password too short",
            Self::PasswordTooLong => "Password too long",
            Self::PasswordTooGuessable => "Password too easy to guess",
            Self::PasswordCompromised => "Password in a known leak",
            Self::InvalidPassword => "Invalid password",
            Self::CredentialAccountNotFound => "The account has no password",
            Self::EmailCanNotBeUpdated => "The email cannot be changed here",
            Self::NoFieldsToUpdate => "No fields to update",
            Self::InvalidRequest => "The request is not well formed",
            Self::InvalidToken => "The token is missing, or not one that is good here",
            Self::InsufficientScope => "The access token lacks a scope",
            Self::NotAdministrator => "The person is not an administrator",
            Self::NotFound => "There is no such endpoint",
            Self::MethodNotAllowed => "The endpoint does not take this method",
            Self::TooManyRequests => "Too many attempts; Retry-After says when to try again",
            Self::ServiceUnavailable => {
                "Too many people are signing in; try again in a few seconds"
            }
            Self::InternalServerError => "Something went wrong here",
        }
    }
}

impl Problem {
    /// A problem about which there is more to say than its title.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            status: code.status(),
            detail: detail.into(),
            retry_after: None,
            cause: None,
        }
    }

    /// The same with another status than the one that its code usually has.
    pub fn at(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The answer. An unexpected error is logged here, once, and not shown.
    pub fn respond(&self, request_id: &str) -> Response {
        if let Some(cause) = &self.cause {
            tracing::error!(error = format!("{cause:#}"), "unexpected");
        }
        let status = self.status;
        let body = ProblemBody {
            kind: format!(
                "urn:doorward:problem:{}",
                self.code.name().to_ascii_lowercase()
            ),
            title: self.code.title().to_owned(),
            status: status.as_u16(),
            detail: self.detail.clone(),
            message: self.detail.clone(),
            code: self.code,
            request_id: request_id.to_owned(),
        };
        let mut response = body
            .to_json_string()
            .with_content_type("application/problem+json")
            .with_status(status)
            .into_response();
        let (name, value): (_, HeaderValue) = match status {
            // RFC 9110 §15.5.2 asks for a challenge; browsers know no scheme of this name, so they
            // leave the asking to the page.
            StatusCode::UNAUTHORIZED => (
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Cookie realm=\"doorward\""),
            ),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                let seconds = self.retry_after.unwrap_or(RETRY_AFTER);
                (header::RETRY_AFTER, seconds.into())
            }
            _ => return response,
        };
        response.headers_mut().insert(name, value);
        response
    }
}

/// What the API says where no door has spoken: no such endpoint, not this method.
pub fn face(_: &App, status: StatusCode, request_id: &str) -> Response {
    let code = match status {
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Code::PayloadTooLarge,
        status if status.is_client_error() => Code::BadRequest,
        _ => Code::InternalServerError,
    };
    Problem::from(code).respond(request_id)
}

/// Lets a problem pass through the framework to where the request's id is known.
impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        self.status
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code, code.title())
    }
}
