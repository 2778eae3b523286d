//! `GET /ok`, `GET /jwks` and `GET /error`: what the API says of this server, to everybody.

use poem::{IntoResponse, Request, Response, http::StatusCode};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::Query,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};

use super::{Tag, answer::Answer};
use crate::{
    app::App,
    http::{
        kit::{
            cached::{Document, FIVE_MINUTES},
            page_error::PageError,
            trace::request_id,
        },
        oauth::jwks::Kept,
    },
};

#[derive(Debug)]
pub struct Server {
    pub app: App,
}

/// The server answers.
#[derive(Debug, Object)]
struct Fine {
    /// True.
    ok: bool,
}

/// A page for people.
struct Page(Response);

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for Page {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "A page that says so.",
                status: Some(StatusCode::OK.as_u16()),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: "text/html",
                    schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(_: &mut Registry) {}
}

#[OpenApi(prefix_path = "/api/auth", tag = "Tag::Server")]
impl Server {
    /// Whether the API answers.
    #[oai(path = "/ok", method = "get", operation_id = "ok")]
    async fn ok(&self) -> Answer<Fine> {
        Answer::new(Fine { ok: true })
    }

    /// The public keys, as `/oauth2/jwks` has them.
    #[oai(path = "/jwks", method = "get", operation_id = "authJwks")]
    async fn jwks(&self, request: &Request) -> Kept {
        let keys = self.app.keyring.jwks();
        Kept(Document::new("application/json", FIVE_MINUTES, keys).answer(request))
    }

    /// Where somebody comes whom nobody else can tell what went wrong.
    #[oai(path = "/error", method = "get", operation_id = "error")]
    async fn error(
        &self,
        /// The code of what went wrong. Shown if it is a single word.
        error: Query<Option<String>>,
        request: &Request,
    ) -> Page {
        let shown = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
        let code = error
            .0
            .filter(|code| code.len() <= 64 && code.chars().all(shown));
        Page(PageError::FrontEnd(code).respond(&self.app, &request_id(request)))
    }
}
