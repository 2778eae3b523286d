//! The stylesheet: the one file that pages load.

use poem::{Endpoint, Request, Response, Result, error::NotFoundError};

use crate::{http::kit::cached::Document, templates::static_file};

/// Holds the file; it changes only with the program.
#[derive(Debug)]
pub struct Style(Option<Document>);

impl Style {
    pub fn load() -> Self {
        let life = "public, max-age=3600";
        let document = |bytes| Document::new("text/css; charset=utf-8", life, bytes);
        Self(static_file("style.css").map(document))
    }
}

impl Endpoint for Style {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let document = self.0.as_ref().ok_or(NotFoundError)?;
        Ok(document.answer(&request))
    }
}
