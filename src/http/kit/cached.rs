//! Public documents that may be kept for a while: an entity tag, and 304 where it is known.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use poem::{
    Body, Request, Response,
    http::{HeaderValue, StatusCode, header},
};

use crate::crypto::sha256;

/// Five minutes: short enough for a new key to be seen before it signs.
pub const FIVE_MINUTES: &str = "public, max-age=300";

/// A document that is the same for everybody, ready to send.
#[derive(Clone, Debug)]
pub struct Document {
    content_type: &'static str,
    life: &'static str,
    bytes: Bytes,
    tag: HeaderValue,
}

impl Document {
    pub fn new(content_type: &'static str, life: &'static str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&sha256(&bytes)[..12]));
        // Letters of base64url between quotation marks, so the other value is never taken.
        let tag = HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""));
        Self {
            content_type,
            life,
            bytes,
            tag,
        }
    }

    /// Whether it was made of these very bytes, which it keeps, so that nothing else is where they are.
    pub fn is_of(&self, bytes: &Bytes) -> bool {
        (self.bytes.as_ptr(), self.bytes.len()) == (bytes.as_ptr(), bytes.len())
    }

    /// The document, or 304 if the request already has it (RFC 9110 §13.1.2).
    pub fn answer(&self, request: &Request) -> Response {
        let mut response = match self.is_known_to(request) {
            true => Response::from(StatusCode::NOT_MODIFIED),
            false => Response::builder()
                .content_type(self.content_type)
                .body(Body::from_bytes(self.bytes.clone())),
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(self.life));
        headers.insert(header::ETAG, self.tag.clone());
        response
    }

    fn is_known_to(&self, request: &Request) -> bool {
        let lists = request.headers().get_all(header::IF_NONE_MATCH).iter();
        lists
            .filter_map(|value| value.to_str().ok())
            .flat_map(|list| list.split(','))
            .map(|one| one.trim().trim_start_matches("W/"))
            .any(|one| one == self.tag || one == "*")
    }
}
