//! `GET /token`: a token for the back end.

use poem_openapi::{Object, OpenApi};

use super::{
    Tag,
    answer::Answer,
    caller::Caller,
    refusal::{Codes, Refusal},
};
use crate::{
    app::App,
    http::kit::problem::{Code, Problem},
    tokens::first_party,
};

#[derive(Debug)]
pub struct Tokens {
    pub app: App,
}

/// A token for the back end.
#[derive(Debug, Object)]
struct Token {
    /// An access token (`at+jwt`, RFC 9068) by the issuer and the keys of OpenID Connect.
    token: String,
}

struct Refused;

impl Codes for Refused {
    const CODES: &'static [&'static [Code]] = &[&[Code::Unauthorized, Code::ServiceUnavailable]];
}

#[OpenApi(prefix_path = "/api/auth", tag = "Tag::Sessions")]
impl Tokens {
    /// A token with which to call the back end.
    ///
    /// It speaks for whoever is signed in, is for the default audience (`tokens.audience`), and lives
    /// for `tokens.access_seconds`: ask again when it has ended. Its `sub` is the `id` of the user,
    /// its `sid` the session, and its `client_id` the client of `api.client_id`, or `doorward`.
    /// Doorward's own endpoints do not take it.
    #[oai(path = "/token", method = "get", operation_id = "sessionToken")]
    async fn token(&self, caller: Caller<'_, true>) -> Result<Answer<Token>, Refusal<Refused>> {
        let app = &self.app;
        let own = caller.person(app).await?.signed_in;
        let token = first_party::token(app, &own).await.map_err(Problem::from)?;
        let token = token.ok_or(Code::Unauthorized)?;
        Ok(Answer::new(Token { token }))
    }
}
