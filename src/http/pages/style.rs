//! The stylesheet: the one file that pages load.

use poem::{Endpoint, Request, Response, Result, error::NotFoundError};

use crate::{http::kit::cached::cached, templates::static_file};

#[derive(Debug)]
pub struct Style;

impl Endpoint for Style {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let (bytes, _) = static_file("style.css").ok_or(NotFoundError)?;
        Ok(cached(
            &request,
            "text/css; charset=utf-8",
            "public, max-age=3600",
            bytes,
        ))
    }
}
