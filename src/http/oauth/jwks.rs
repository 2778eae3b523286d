//! `/oauth2/jwks` (RFC 7517 §5): the keys with which our tokens are verified.

use std::sync::{PoisonError, RwLock};

use bytes::Bytes;
use poem::{IntoResponse, Request, Response};
use poem_openapi::{
    ApiResponse, OpenApi,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::Type,
};
use serde_json::Value;

use super::Tag;
use crate::{
    app::App,
    http::kit::cached::{Document, FIVE_MINUTES},
};

#[derive(Debug)]
pub struct Jwks {
    app: App,
    /// What was answered last: the keys change seldom, and their entity tag costs a hash.
    last: RwLock<Document>,
}

/// A JSON document that may be kept for five minutes.
#[derive(Debug)]
pub struct Kept(pub Response);

#[OpenApi(tag = "Tag::OpenIdConnect")]
impl Jwks {
    /// The public keys.
    ///
    /// May be kept for five minutes: a new key is published long before it signs.
    #[oai(path = "/oauth2/jwks", method = "get", operation_id = "jwks")]
    async fn get(&self, request: &Request) -> Kept {
        Kept(self.answer(request))
    }
}

impl Jwks {
    pub fn new(app: &App) -> Self {
        Self {
            app: app.clone(),
            last: RwLock::new(document(app.keyring.jwks())),
        }
    }

    /// The keys as they are now.
    pub fn answer(&self, request: &Request) -> Response {
        let keys = self.app.keyring.jwks();
        let last = self.last.read().unwrap_or_else(PoisonError::into_inner);
        if last.is_of(&keys) {
            return last.answer(request);
        }
        drop(last);
        let new = document(keys);
        let answer = new.answer(request);
        *self.last.write().unwrap_or_else(PoisonError::into_inner) = new;
        answer
    }
}

fn document(keys: Bytes) -> Document {
    Document::new("application/json", FIVE_MINUTES, keys)
}

impl IntoResponse for Kept {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for Kept {
    fn meta() -> MetaResponses {
        let json = MetaMediaType {
            content_type: "application/json",
            schema: Value::schema_ref(),
        };
        let answer = |status, description, content| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers: vec![],
        };
        MetaResponses {
            responses: vec![
                answer(200, "The document, with an entity tag.", vec![json]),
                answer(304, "Nothing has changed.", vec![]),
            ],
        }
    }

    fn register(_: &mut Registry) {}
}
