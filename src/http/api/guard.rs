//! What stands before every door of the API: whose pages may ask, and how a refusal is told.

use poem::{Endpoint, Request, Response, Result};

use super::origin;
use crate::{
    app::App,
    http::kit::{problem::Problem, trace::request_id},
};

/// An endpoint that only our own pages and programs without cookies can change anything through.
#[derive(Debug)]
pub struct Guard<E> {
    pub app: App,
    pub inner: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for Guard<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let id = request_id(&request);
        if let Err(code) = origin::check(&request, &self.app.config.server.origin()) {
            return Ok(Problem::from(code).respond(&id));
        }
        match self.inner.call(request).await {
            Err(error) => match error.downcast_ref::<Problem>() {
                Some(problem) => Ok(problem.respond(&id)),
                None => Err(error),
            },
            answered => answered,
        }
    }
}
