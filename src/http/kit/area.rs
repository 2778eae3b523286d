//! What no door has told of (no such path, a method that is not allowed, an unexpected error, a
//! panic) is told in the face of its area.

use std::{collections::HashMap, panic::AssertUnwindSafe};

use futures_util::FutureExt;
use poem::{
    Endpoint, Error, Request, Response, Result,
    error::{MethodNotAllowedError, NotFoundError},
    http::{HeaderValue, StatusCode, header},
};

use super::trace::request_id;
use crate::app::App;

/// How an area tells of an error that no door has told of.
pub type Face = fn(&App, StatusCode, &str) -> Response;

/// All paths, each with the face of its area.
#[derive(Debug)]
pub struct Area<E> {
    pub app: App,
    /// The face, by the path that was asked for.
    pub face: fn(&str) -> Face,
    /// What each path takes, for the `Allow` of a 405 (RFC 9110 §15.5.6).
    pub methods: HashMap<String, String>,
    pub inner: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for Area<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let id = request_id(&request);
        let path = request.original_uri().path().to_owned();
        let answered = AssertUnwindSafe(self.inner.call(request))
            .catch_unwind()
            .await;
        let mut response = match answered {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => self.told(error, &path, &id),
            Err(_) => {
                tracing::error!("a handler panicked");
                (self.face)(&path)(&self.app, StatusCode::INTERNAL_SERVER_ERROR, &id)
            }
        };
        // Where a door has not said it better.
        let untold = !response.headers().contains_key(header::ALLOW);
        if response.status() == StatusCode::METHOD_NOT_ALLOWED && untold {
            let allow = self.allowed(&path);
            if let Ok(allow) = HeaderValue::from_str(allow) {
                response.headers_mut().insert(header::ALLOW, allow);
            }
        }
        Ok(response)
    }
}

impl<E> Area<E> {
    /// What a path takes. The last segment of some is a name, and written in braces.
    fn allowed(&self, path: &str) -> &str {
        let named = || {
            let (folder, _) = path.rsplit_once('/')?;
            let of = |known: &&String| {
                let rest = known.strip_prefix(folder);
                rest.is_some_and(|rest| rest.starts_with("/{") && !rest[1..].contains('/'))
            };
            self.methods.get(self.methods.keys().find(of)?)
        };
        let known = self.methods.get(path).or_else(named);
        known.map_or("GET, HEAD, POST", String::as_str)
    }
    fn told(&self, error: Error, path: &str, id: &str) -> Response {
        if error.is_from_response() {
            return error.into_response();
        }
        let status = if error.is::<NotFoundError>() {
            StatusCode::NOT_FOUND
        } else if error.is::<MethodNotAllowedError>() {
            StatusCode::METHOD_NOT_ALLOWED
        } else {
            error.status()
        };
        if status.is_server_error() {
            tracing::error!(%error, "unexpected");
        }
        (self.face)(path)(&self.app, status, id)
    }
}
