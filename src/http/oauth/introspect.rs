//! `/oauth2/introspect` (RFC 7662).

use poem_openapi::{Object, OpenApi, payload::Json};

use super::Tag;
use crate::{
    app::App,
    http::kit::{oauth_error::OauthFailure, oauth_form::OauthForm},
    tokens::introspect::{self, Introspection},
};

#[derive(Debug)]
pub struct Introspect {
    pub app: App,
}

/// A token to be told about or to be ended.
#[derive(Debug, Object)]
pub struct TokenForm {
    /// An access or refresh token.
    pub token: String,
    /// Not needed: our tokens say what they are.
    pub token_type_hint: Option<String>,
}

#[OpenApi(prefix_path = "/oauth2", tag = "Tag::OpenIdConnect")]
impl Introspect {
    /// Tell whether a token is good now.
    ///
    /// For confidential clients, about their own tokens and those meant for them. Everything else
    /// is inactive.
    #[oai(path = "/introspect", method = "post", operation_id = "introspect")]
    async fn post(&self, form: OauthForm<TokenForm>) -> Result<Json<Introspection>, OauthFailure> {
        let client = form.client(&self.app).await?;
        // Anybody can say that they are a public client (RFC 7662 §2.1).
        if client.is_public() {
            return Err(OauthFailure::invalid_client());
        }
        let token = form.params()?.required("token")?;
        Ok(Json(
            introspect::introspect(&self.app, &client, token).await?,
        ))
    }
}
