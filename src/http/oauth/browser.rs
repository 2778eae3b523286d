//! The answer of an endpoint that a browser visits: a redirect, or a page.

use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse,
    registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::Type,
};

/// Any answer to a browser, documented as what it can be.
#[derive(Debug)]
pub struct BrowserAnswer(pub Response);

impl IntoResponse for BrowserAnswer {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for BrowserAnswer {
    fn meta() -> MetaResponses {
        let location = MetaHeader {
            name: "Location".to_owned(),
            description: Some("One of our pages, or the client's registered URI.".to_owned()),
            required: true,
            deprecated: false,
            schema: String::schema_ref(),
        };
        let page = MetaMediaType {
            content_type: "text/html; charset=utf-8",
            schema: String::schema_ref(),
        };
        let answer = |status, description, content, headers| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers,
        };
        MetaResponses {
            responses: vec![
                answer(
                    303,
                    "On to the next step, or back to the client.",
                    vec![],
                    vec![location],
                ),
                answer(
                    400,
                    "An error that may not be sent to the client, shown where it happened.",
                    vec![page],
                    vec![],
                ),
            ],
        }
    }

    fn register(_: &mut Registry) {}
}
