//! A JSON object at an OAuth door. Reading never fails by itself, so that the door can answer in the
//! words of RFC 7591.

use std::{fmt, marker::PhantomData};

use poem::{
    Request, RequestBody, Result,
    http::{HeaderMap, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, Registry},
    types::Type,
};
use serde_json::{Map, Value};

use super::{
    body::{self, FormError},
    oauth_error::OauthFailure,
};
use crate::oauth::error::OauthError;

/// The members as they came; `T` is what the document says of them.
pub struct OauthJson<T> {
    read: Result<Map<String, Value>, Unread>,
    kind: PhantomData<fn() -> T>,
}

/// Why there are no members.
#[derive(Clone, Copy, Debug)]
enum Unread {
    TooLong,
    CutOff,
    ContentType,
    Nul,
    NotJson,
}

impl<T> OauthJson<T> {
    /// The members of the object.
    pub fn members(&self) -> Result<&Map<String, Value>, OauthFailure> {
        let why = match &self.read {
            Ok(members) => return Ok(members),
            Err(Unread::TooLong) => return Err(FormError::TooLong.into()),
            Err(Unread::CutOff) => "the body was cut off",
            Err(Unread::ContentType) => "the content type must be application/json",
            Err(Unread::Nul) => "a text holds the character NUL",
            Err(Unread::NotJson) => "the body is not one JSON object",
        };
        Err(OauthError::invalid_client_metadata(why).into())
    }
}

async fn read(request: &Request, body: &mut RequestBody) -> Result<Map<String, Value>, Unread> {
    if !is_json(request.headers()) {
        return Err(Unread::ContentType);
    }
    let bytes = body::bytes(request, body)
        .await
        .map_err(|error| match error {
            FormError::TooLong => Unread::TooLong,
            _ => Unread::CutOff,
        })?;
    match serde_json::from_slice(&bytes) {
        // PostgreSQL knows no text with it.
        Ok(Value::Object(members)) => match members.iter().any(|(name, value)| nul(name, value)) {
            true => Err(Unread::Nul),
            false => Ok(members),
        },
        _ => Err(Unread::NotJson),
    }
}

/// Whether there is NUL in a member. No deeper than JSON is read.
fn nul(name: &str, value: &Value) -> bool {
    let inside = match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(all) => all.iter().any(|one| nul("", one)),
        Value::Object(all) => all.iter().any(|(name, value)| nul(name, value)),
        _ => false,
    };
    inside || name.contains('\0')
}

fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let one = types.next().and_then(|value| value.to_str().ok());
    let kind = one.and_then(|text| text.parse::<mime::Mime>().ok());
    types.next().is_none() && kind.is_some_and(|kind| kind.essence_str() == "application/json")
}

impl<T> fmt::Debug for OauthJson<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OauthJson(…)")
    }
}

impl<'a, T: Type> ApiExtractor<'a> for OauthJson<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: "application/json",
                schema: T::schema_ref(),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        Ok(Self {
            read: read(request, body).await,
            kind: PhantomData,
        })
    }
}
