//! Public documents that may be kept for a while: an entity tag, and 304 where it is known.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use poem::{
    IntoResponse, Request, Response,
    http::{HeaderValue, StatusCode, header},
};

use crate::crypto::sha256;

/// Five minutes: short enough for a new key to be seen before it signs.
pub const FIVE_MINUTES: &str = "public, max-age=300";

/// `bytes` as `content_type`, or 304 if the request already has them (RFC 9110 §13.1.2).
pub fn cached(
    request: &Request,
    content_type: &'static str,
    life: &'static str,
    bytes: Vec<u8>,
) -> Response {
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&sha256(&bytes)[..12]));
    let known = request
        .headers()
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .any(|one| one.trim().trim_start_matches("W/") == tag || one.trim() == "*");
    let mut response = match known {
        true => Response::from(StatusCode::NOT_MODIFIED),
        false => bytes.with_content_type(content_type).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(life));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}
