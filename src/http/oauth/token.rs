//! `/oauth2/token` (RFC 6749 §3.2).

use entity::value::GrantType;
use poem::Request;
use poem_openapi::{OpenApi, payload::Json, types::ParseFromParameter};

use super::Tag;
use crate::{
    app::App,
    grants::{self, TokenRequest},
    http::kit::{dpop, oauth_error::OauthFailure, oauth_form::OauthForm},
    oauth::error::{ErrorCode, OauthError},
    paths,
    tokens::issue::TokenAnswer,
};

#[derive(Debug)]
pub struct Token {
    pub app: App,
}

#[OpenApi(prefix_path = "/oauth2", tag = "Tag::OpenIdConnect")]
impl Token {
    /// Exchange a grant for tokens.
    ///
    /// The client authenticates with HTTP Basic or with `client_id` and `client_secret` in the
    /// form; a public client sends `client_id` only.
    #[oai(path = "/token", method = "post", operation_id = "token")]
    async fn post(
        &self,
        request: &Request,
        form: OauthForm<TokenRequest>,
    ) -> Result<Json<TokenAnswer>, OauthFailure> {
        // Nothing is said about a grant before the client is known.
        let client = form.client(&self.app).await?;
        let params = form.params()?;
        let asked = params.required("grant_type")?;
        // `implicit` is a grant type of registrations (RFC 7591 §2); nobody presents it here.
        let known = GrantType::parse_from_parameter(asked).ok();
        if known.is_none_or(|grant| grant == GrantType::Implicit) {
            return Err(OauthError::new(
                ErrorCode::UnsupportedGrantType,
                "there is no such grant_type here",
            )
            .into());
        }
        let sender = dpop::sender(&self.app, request, paths::TOKEN, &client).await?;
        Ok(Json(
            grants::answer(&self.app, &client, &sender, form.request()?).await?,
        ))
    }
}
