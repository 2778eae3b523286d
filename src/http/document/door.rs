//! `/api/openapi.yaml`: the document, for whoever generates a client from it.

use poem::{IntoResponse, Request, Response};
use poem_openapi::{
    ApiResponse, OpenApi,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::Type,
};

use super::yaml;
use crate::http::{
    api::Tag,
    kit::cached::{Document, FIVE_MINUTES},
};

/// RFC 9512.
const YAML: &str = "application/yaml";

/// Holds the document; it changes only with the program.
#[derive(Debug)]
pub struct Door(Document);

/// The document, or that nothing has changed.
struct Answer(Response);

impl Door {
    pub fn open() -> Self {
        Self(Document::new(YAML, FIVE_MINUTES, yaml()))
    }
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Server")]
impl Door {
    /// This document.
    #[oai(path = "/openapi.yaml", method = "get", operation_id = "openapi")]
    async fn get(&self, request: &Request) -> Answer {
        Answer(self.0.answer(request))
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for Answer {
    fn meta() -> MetaResponses {
        let answer = |status, description, content| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers: vec![],
        };
        let yaml = MetaMediaType {
            content_type: YAML,
            schema: String::schema_ref(),
        };
        MetaResponses {
            responses: vec![
                answer(200, "The document, with an entity tag.", vec![yaml]),
                answer(304, "Nothing has changed.", vec![]),
            ],
        }
    }

    fn register(_: &mut Registry) {}
}
