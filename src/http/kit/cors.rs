//! Which pages of other origins may call us. Never with cookies, never the pages people see.

use poem::{
    Endpoint, Request, Response, Result,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
};

use crate::app::App;

/// The headers of an answer that a page of another origin may read, besides those it always may.
const READABLE: &str = "WWW-Authenticate, Retry-After, X-Request-Id, DPoP-Nonce";

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Everybody: what is public anyway (discovery, keys).
    Everybody,
    /// The origins that clients registered, byte for byte.
    Registered,
}

/// Answers preflights and marks answers.
#[derive(Debug)]
pub struct Cors<E> {
    pub app: App,
    pub allowed: Allowed,
    pub inner: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for Cors<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let origin = request.headers().get(header::ORIGIN).cloned();
        let granted = self.granted(origin.as_ref()).await?;
        let preflight = request.method() == Method::OPTIONS
            && request
                .headers()
                .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let mut response = match preflight {
            true => Response::from(StatusCode::NO_CONTENT),
            false => match self.inner.call(request).await {
                Ok(response) => response,
                // A page must be able to read why it was refused.
                Err(error) if error.is_from_response() => error.into_response(),
                Err(error) => return Err(error),
            },
        };
        let headers = response.headers_mut();
        if self.allowed == Allowed::Registered {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        if let Some(granted) = granted {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, granted);
            let readable = HeaderValue::from_static(READABLE);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, readable);
            if preflight {
                describe(headers);
            }
        }
        Ok(response)
    }
}

impl<E> Cors<E> {
    async fn granted(&self, origin: Option<&HeaderValue>) -> Result<Option<HeaderValue>> {
        match self.allowed {
            // Without an `Origin` too: a browser may keep the answer to a plain visit and give it
            // to a page of another origin later.
            Allowed::Everybody => Ok(Some(HeaderValue::from_static("*"))),
            Allowed::Registered => {
                let Some(origin) = origin else {
                    return Ok(None);
                };
                // `null` is the origin of many; nobody can register it.
                let Some(text) = origin.to_str().ok().filter(|text| *text != "null") else {
                    return Ok(None);
                };
                let known = entity::client_origin::is_registered(&self.app.db.read, text).await;
                let known = known.map_err(poem::error::InternalServerError)?;
                Ok(known.then(|| origin.clone()))
            }
        }
    }
}

/// What a preflight may ask for. Swagger UI sends `X-Requested-With` with each token request.
fn describe(headers: &mut HeaderMap) {
    let fixed: [(HeaderName, &str); 3] = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, dpop, x-requested-with",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
