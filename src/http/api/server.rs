//! `GET /ok` and `GET /jwks`: what the API says of this server, to everybody.

use poem::Request;
use poem_openapi::{Object, OpenApi};

use super::{Tag, answer::Answer};
use crate::{
    app::App,
    http::{
        kit::cached::{Document, FIVE_MINUTES},
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
}
