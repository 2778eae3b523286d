//! What stands before every door of the API: whose pages may ask, who may read the answer, and how a
//! refusal is told.

use poem::{
    Endpoint, Request, Response, Result,
    error::{MethodNotAllowedError, NotFoundError},
    http::{HeaderValue, Method, StatusCode, header},
};

use super::{cors, origin};
use crate::{
    app::App,
    http::kit::{
        problem::{self, Code, Problem},
        trace::request_id,
    },
    paths,
};

/// An endpoint that only our own pages, trusted ones and programs without cookies can change anything
/// through.
#[derive(Debug)]
pub struct Guard<E> {
    pub app: App,
    pub inner: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for Guard<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let path = request.original_uri().path().to_owned();
        let within = path.strip_prefix(paths::API_AUTH);
        if within.is_none_or(|rest| !rest.is_empty() && !rest.starts_with('/')) {
            return self.inner.call(request).await;
        }
        let config = &self.app.config;
        let granted = cors::granted(config, request.headers());
        let asks = cors::is_preflight(request.method(), request.headers());
        let mut response = match asks && granted.is_some() {
            true => cors::preflight(),
            false => self.answered(request, &path).await,
        };
        cors::mark(&mut response, &path, granted);
        Ok(response)
    }
}

impl<E: Endpoint<Output = Response>> Guard<E> {
    async fn answered(&self, request: Request, path: &str) -> Response {
        let id = request_id(&request);
        if let Err(code) = origin::check(&request, &self.app.config) {
            return Problem::from(code).respond(&id);
        }
        // The contract has no other methods, and says nothing where there is nothing.
        if ![Method::GET, Method::POST].contains(request.method()) {
            return StatusCode::NOT_FOUND.into();
        }
        if request.method() == Method::POST && path == paths::API_GET_SESSION {
            let code = Code::MethodNotAllowedDeferSessionRequired;
            let mut response = Problem::from(code).respond(&id);
            let allow = HeaderValue::from_static("GET");
            response.headers_mut().insert(header::ALLOW, allow);
            return response;
        }
        match self.inner.call(request).await {
            Ok(response) => response,
            Err(error) if error.is::<NotFoundError>() || error.is::<MethodNotAllowedError>() => {
                StatusCode::NOT_FOUND.into()
            }
            Err(error) => match error.downcast_ref::<Problem>() {
                Some(problem) => problem.respond(&id),
                None if error.is_from_response() => error.into_response(),
                None => self.told(&error, &id),
            },
        }
    }

    /// What no door has told of.
    fn told(&self, error: &poem::Error, id: &str) -> Response {
        let status = error.status();
        if status.is_server_error() {
            tracing::error!(%error, "unexpected");
        }
        problem::face(&self.app, status, id)
    }
}
