//! `/oauth2/device_authorization` (RFC 8628 §3.1).

use poem::Request;
use poem_openapi::{OpenApi, payload::Json};

use super::Tag;
use crate::{
    app::App,
    devices::{self, DeviceAuthorization, DeviceParameters},
    http::kit::{client_ip::client_ip, oauth_error::OauthFailure, oauth_form::OauthForm},
};

#[derive(Debug)]
pub struct DeviceAuthorizationEndpoint {
    pub app: App,
}

#[OpenApi(prefix_path = "/oauth2", tag = "Tag::OpenIdConnect")]
impl DeviceAuthorizationEndpoint {
    /// Begin to sign a person in on a device that has no browser or no keyboard.
    ///
    /// The client authenticates as at the token endpoint, shows the person `user_code` and
    /// `verification_uri`, and polls the token endpoint with `device_code`.
    #[oai(
        path = "/device_authorization",
        method = "post",
        operation_id = "deviceAuthorization"
    )]
    async fn post(
        &self,
        request: &Request,
        form: OauthForm<DeviceParameters>,
    ) -> Result<Json<DeviceAuthorization>, OauthFailure> {
        let app = &self.app;
        if !app.config.features.device_flow {
            return Err(OauthFailure::no_endpoint());
        }
        let client = form.client(app).await?;
        let ip = client_ip(app, request).map(|ip| ip.to_string());
        let answered = devices::authorize(app, &client, form.params()?, ip.as_deref()).await;
        Ok(Json(answered?))
    }
}
