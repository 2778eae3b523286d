//! What a door of the API may refuse with: problems, and the document of which ones.

use std::{fmt, marker::PhantomData};

use poem::http::StatusCode;
use poem_openapi::{
    ApiResponse,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::{ToJSON, Type},
};
use sea_orm::DbErr;

use crate::{
    accounts::AccountError,
    http::kit::problem::{Code, Problem, ProblemBody},
};

/// The codes that a door may answer with.
pub trait Codes: Send + Sync + 'static {
    const CODES: &'static [&'static [Code]];

    /// The status that a code has at this door.
    fn status(code: Code) -> StatusCode {
        code.status()
    }
}

/// What every request with a body may meet before its door is asked.
pub const BODY: &[Code] = &[
    Code::BadRequest,
    Code::ValidationError,
    Code::InvalidCallbackUrl,
    Code::InvalidRedirectUrl,
    Code::InvalidErrorCallbackUrl,
    Code::InvalidNewUserCallbackUrl,
    Code::MissingOrNullOrigin,
    Code::InvalidOrigin,
    Code::PayloadTooLarge,
    Code::UnsupportedMediaType,
];

/// What choosing a password may meet.
pub const CHOICE: &[Code] = &[
    Code::PasswordTooShort,
    Code::PasswordTooLong,
    Code::PasswordTooGuessable,
    Code::PasswordCompromised,
    Code::ServiceUnavailable,
];

/// A problem at a door whose codes are `C`.
pub struct Refusal<C>(pub Problem, PhantomData<fn() -> C>);

impl<C> fmt::Debug for Refusal<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<C: Codes> ApiResponse for Refusal<C> {
    fn meta() -> MetaResponses {
        let mut responses: Vec<(MetaResponse, Vec<Code>)> = Vec::new();
        let codes = C::CODES
            .iter()
            .copied()
            .flatten()
            .chain(&[Code::InternalServerError]);
        for code in codes {
            let at = C::status(*code);
            let status = Some(at.as_u16());
            match responses
                .iter_mut()
                .find(|(known, _)| known.status == status)
            {
                Some((_, codes)) => codes.push(*code),
                None => responses.push((response(*code, at), vec![*code])),
            }
        }
        responses.sort_by_key(|(response, _)| response.status);
        let with_schema = |(mut response, codes): (MetaResponse, Vec<Code>)| {
            response.content = vec![MetaMediaType {
                content_type: "application/problem+json",
                schema: one_of(&codes),
            }];
            response
        };
        MetaResponses {
            responses: responses.into_iter().map(with_schema).collect(),
        }
    }

    fn register(registry: &mut Registry) {
        ProblemBody::register(registry);
    }
}

fn response(code: Code, status: StatusCode) -> MetaResponse {
    MetaResponse {
        description: match status.as_u16() {
            401 if code == Code::InvalidToken => "No access token came, or none that is good here.",
            403 if code == Code::InsufficientScope => "The access token does not reach this far.",
            400 => "The request is wrong.",
            401 => "Nobody is signed in, or signing in failed.",
            403 => {
                "The request came from, or leads to, a place that is not trusted; or what it asks for \
                 is not allowed here, or not yet."
            }
            413 => "The body is longer than 64 KiB.",
            415 => "The body is not JSON by its `Content-Type`.",
            422 => "The account cannot be made.",
            429 => "It was done too often; `Retry-After` says when to try again.",
            503 => "Too many people are signing in; `Retry-After` says when to try again.",
            _ => "Something went wrong here; the log says what, by the request id.",
        },
        status: Some(status.as_u16()),
        status_range: None,
        content: vec![],
        headers: vec![],
    }
}

/// The schema of a problem that has one of these codes.
fn one_of(codes: &[Code]) -> MetaSchemaRef {
    let code = MetaSchema {
        enum_items: codes.iter().filter_map(ToJSON::to_json).collect(),
        ..MetaSchema::new("string")
    };
    let narrowed = MetaSchema {
        properties: vec![("code", MetaSchemaRef::Inline(Box::new(code)))],
        ..MetaSchema::new("object")
    };
    MetaSchemaRef::Inline(Box::new(MetaSchema {
        all_of: vec![
            ProblemBody::schema_ref(),
            MetaSchemaRef::Inline(Box::new(narrowed)),
        ],
        ..MetaSchema::ANY
    }))
}

impl<C> From<Refusal<C>> for poem::Error {
    fn from(refusal: Refusal<C>) -> Self {
        refusal.0.into()
    }
}

impl<C> From<Problem> for Refusal<C> {
    fn from(problem: Problem) -> Self {
        Self(problem, PhantomData)
    }
}

impl<C> From<Code> for Refusal<C> {
    fn from(code: Code) -> Self {
        Problem::from(code).into()
    }
}

impl<C> From<DbErr> for Refusal<C> {
    fn from(error: DbErr) -> Self {
        Problem::from(error).into()
    }
}

impl<C> From<AccountError> for Refusal<C> {
    fn from(error: AccountError) -> Self {
        Problem::from(error).into()
    }
}
