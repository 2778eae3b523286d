//! Which pages of other origins may call the API and read its answers, with the cookies of whoever
//! looks at them: those that are trusted, and no others. What is public anyway is for everybody.

use poem::{
    Response,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
};

use crate::{config::Config, paths};

/// What a page of a trusted origin may read besides what it always may.
const READABLE: &str = "set-auth-token, set-auth-jwt, x-retry-after, Retry-After, X-Request-Id";

/// The origin of a request, if its pages are trusted.
pub fn granted(config: &Config, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let trusted = origin.to_str().is_ok_and(|origin| config.trusts(origin));
    trusted.then(|| origin.clone())
}

/// Whether a browser asks what a page may ask (Fetch §CORS-preflight request).
pub fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to that.
pub fn preflight() -> Response {
    let mut response = Response::from(StatusCode::NO_CONTENT);
    let fixed: [(HeaderName, &str); 3] = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "content-type, authorization",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    for (name, value) in fixed {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

/// Lets the page that asked read the answer, if it may.
pub fn mark(response: &mut Response, path: &str, granted: Option<HeaderValue>) {
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    match granted {
        Some(origin) => {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            let yes = HeaderValue::from_static("true");
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
            let readable = HeaderValue::from_static(READABLE);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, readable);
        }
        None if path == paths::API_JWKS => {
            let all = HeaderValue::from_static("*");
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, all);
        }
        None => {}
    }
}
