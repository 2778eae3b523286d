//! `/oauth2/par` (RFC 9126).

use poem::Request;
use poem_openapi::{ApiResponse, OpenApi, payload::Json};

use super::Tag;
use crate::{
    app::App,
    authorization::{self, Parameters, Pushed},
    http::kit::{client_ip::client_ip, dpop, oauth_error::OauthFailure, oauth_form::OauthForm},
    paths,
};

#[derive(Debug)]
pub struct Par {
    pub app: App,
}

#[derive(Debug, ApiResponse)]
enum PushAnswer {
    /// The request is kept until the browser comes.
    #[oai(status = 201)]
    Created(Json<Pushed>),
}

#[OpenApi(prefix_path = "/oauth2", tag = "Tag::OpenIdConnect")]
impl Par {
    /// Leave an authorization request here and get a name for it.
    ///
    /// The client authenticates as at the token endpoint, and sends the browser to the authorization
    /// endpoint with `client_id` and the `request_uri` of the answer.
    #[oai(
        path = "/par",
        method = "post",
        operation_id = "pushAuthorizationRequest"
    )]
    async fn post(
        &self,
        request: &Request,
        form: OauthForm<Parameters>,
    ) -> Result<PushAnswer, OauthFailure> {
        let app = &self.app;
        if !app.config.features.pushed_requests {
            return Err(OauthFailure::no_endpoint());
        }
        let client = form.client(app).await?;
        // RFC 9449 §10.1.
        let key = dpop::proof(app, request, paths::PAR).await?;
        let ip = client_ip(app, request).map(|ip| ip.to_string());
        let from = (key.as_deref(), ip.as_deref());
        let pushed = authorization::push(app, client, form.params()?, from).await?;
        Ok(PushAnswer::Created(Json(pushed)))
    }
}
