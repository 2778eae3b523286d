//! An area: paths whose errors have one face. Whatever goes wrong inside (no such path, a method
//! that is not allowed, an unexpected error) is told in that face.

use std::collections::HashMap;

use poem::{
    Endpoint, Error, Request, Response, Result,
    error::{MethodNotAllowedError, NotFoundError},
    http::{HeaderValue, StatusCode, header},
};

use super::trace::request_id;
use crate::app::App;

/// How an area tells of an error that no door has told of.
pub type Face = fn(&App, StatusCode, &str) -> Response;

/// An endpoint with the face of its area.
#[derive(Debug)]
pub struct Area<E> {
    pub app: App,
    pub face: Face,
    /// What each path takes, for the `Allow` of a 405 (RFC 9110 §15.5.6).
    pub methods: HashMap<String, String>,
    pub inner: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for Area<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let id = request_id(&request);
        let path = request.original_uri().path().to_owned();
        let mut response = match self.inner.call(request).await {
            Ok(response) => response,
            Err(error) => self.told(error, &id),
        };
        // An area within has said it better.
        let untold = !response.headers().contains_key(header::ALLOW);
        if response.status() == StatusCode::METHOD_NOT_ALLOWED && untold {
            let allow = self
                .methods
                .get(&path)
                .map_or("GET, HEAD, POST", String::as_str);
            if let Ok(allow) = HeaderValue::from_str(allow) {
                response.headers_mut().insert(header::ALLOW, allow);
            }
        }
        Ok(response)
    }
}

impl<E> Area<E> {
    fn told(&self, error: Error, id: &str) -> Response {
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
            tracing::error!(request = id, %error, "unexpected");
        }
        (self.face)(&self.app, status, id)
    }
}
