//! Errors of the JSON API: problem details (RFC 9457) with the `message` and `code` that Better Auth
//! clients read.

mod causes;
mod code;

use poem::{
    IntoResponse, Response,
    error::ResponseError,
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use poem_openapi::{Object, types::ToJSON};

pub use code::Code;

use super::headers::RETRY_AFTER;
use crate::app::App;

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
                if status == StatusCode::TOO_MANY_REQUESTS {
                    // The name that Better Auth clients read.
                    let name = HeaderName::from_static("x-retry-after");
                    response.headers_mut().insert(name, seconds.into());
                }
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
