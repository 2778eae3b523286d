//! One log line per request, with an id that the answer carries too. Paths only: a query may hold
//! a code, a header a token, a body a password.

use poem::{Endpoint, Request, Response, Result, http::HeaderValue};
use tracing::Instrument;

use crate::{app::App, crypto::secret::random_id};

/// The id of one request: ours, never the sender's.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Logs what `inner` answers. Whatever is logged meanwhile carries the id too.
#[derive(Debug)]
pub struct Trace<E> {
    pub app: App,
    pub inner: E,
}

/// The id of the request at hand.
pub fn request_id(request: &Request) -> String {
    request
        .extensions()
        .get::<RequestId>()
        .map_or_else(String::new, |id| id.0.clone())
}

impl<E: Endpoint<Output = Response>> Endpoint for Trace<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let id = random_id::<12>();
        request.extensions_mut().insert(RequestId(id.clone()));
        let method = request.method().clone();
        let path = readable(request.original_uri().path());
        let began = self.app.clock.now();
        let span = tracing::info_span!("request", id);
        let answered = self.inner.call(request).instrument(span.clone()).await;
        let mut response = answered.unwrap_or_else(poem::Error::into_response);
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert("x-request-id", value);
        }
        let took = (self.app.clock.now() - began).num_milliseconds();
        let status = response.status().as_u16();
        span.in_scope(|| tracing::info!(%method, path, status, took, "answered"));
        Ok(response)
    }
}

/// A path without what may be a secret in it: an id is shorter, a name of ours too.
fn readable(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.len() {
        ..=40 => part,
        _ => "\u{2026}",
    });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_a_path_is_not_logged() {
        let id = "0195f3c2-7a41-7c7e-9f5e-0123456789ab";
        let plain = format!("/oauth2/register/{id}");
        assert_eq!(readable(&plain), plain);
        let secret = format!("rp_{}", "A".repeat(43));
        let path = format!("/api/auth/reset-password/{secret}");
        assert_eq!(readable(&path), "/api/auth/reset-password/\u{2026}");
    }
}
