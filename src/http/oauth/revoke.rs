//! `/oauth2/revoke` (RFC 7009).

use poem_openapi::{ApiResponse, OpenApi};

use super::{Tag, introspect::TokenForm};
use crate::{
    app::App,
    http::kit::{oauth_error::OauthFailure, oauth_form::OauthForm},
    tokens::revoke,
};

#[derive(Debug)]
pub struct Revoke {
    pub app: App,
}

#[derive(Debug, ApiResponse)]
enum Revoked {
    /// The token is not good any more, or never was.
    #[oai(status = 200)]
    Done,
}

#[OpenApi(prefix_path = "/oauth2", tag = "Tag::OpenIdConnect")]
impl Revoke {
    /// End a token of one's own.
    ///
    /// Ending a refresh token ends everything that came of the same sign-in.
    #[oai(path = "/revoke", method = "post", operation_id = "revoke")]
    async fn post(&self, form: OauthForm<TokenForm>) -> Result<Revoked, OauthFailure> {
        let client = form.client(&self.app).await?;
        revoke::revoke(&self.app, &client, form.params()?.required("token")?).await?;
        Ok(Revoked::Done)
    }
}
