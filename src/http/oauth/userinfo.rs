//! `/oauth2/userinfo` (OpenID Connect Core §5.3).

use entity::value::{OPENID, Scope};
use poem::Request;
use poem_openapi::{Object, OpenApi, payload::Json};
use serde_json::{Value, json};

use super::Tag;
use crate::{
    app::App,
    http::kit::{bearer, body::FormError, oauth_error::OauthFailure, oauth_form::OauthForm},
    oauth::{error::OauthError, params::Params},
    tokens::{claims, verify},
};

#[derive(Debug)]
pub struct Userinfo {
    pub app: App,
}

/// The access token in a form, for clients that cannot set a header (RFC 6750 §2.2).
#[derive(Debug, Object)]
pub struct UserinfoForm {
    /// In the `Authorization` header instead, if possible.
    pub access_token: Option<String>,
}

#[OpenApi(prefix_path = "/oauth2", tag = "Tag::OpenIdConnect")]
impl Userinfo {
    /// What the token may know about its person.
    ///
    /// The token goes into the `Authorization` header.
    #[oai(path = "/userinfo", method = "get", operation_id = "userinfo")]
    async fn get(&self, request: &Request) -> Result<Json<Value>, OauthFailure> {
        self.answer(request, None).await
    }

    /// The same by POST, with the token in the header or in the form.
    #[oai(path = "/userinfo", method = "post", operation_id = "userinfoByForm")]
    async fn post(
        &self,
        request: &Request,
        form: OauthForm<UserinfoForm>,
    ) -> Result<Json<Value>, OauthFailure> {
        match form.raw() {
            Ok(params) => self.answer(request, Some(params)).await,
            // A POST with a header alone has no form (OpenID Connect Core §5.3.1).
            Err(FormError::ContentType) => self.answer(request, None).await,
            Err(_) => Err(form
                .params()
                .err()
                .unwrap_or_else(|| OauthFailure::bearer(None))),
        }
    }
}

impl Userinfo {
    async fn answer(
        &self,
        request: &Request,
        form: Option<&Params>,
    ) -> Result<Json<Value>, OauthFailure> {
        let app = &self.app;
        let token = bearer::token(request, form)?.ok_or_else(|| OauthFailure::bearer(None))?;
        let refused = || OauthFailure::bearer(Some(&OauthError::invalid_token()));
        let valid = verify::valid(app, &token).await?.ok_or_else(refused)?;
        // A token for somebody else's API opens nothing here (RFC 9068 §4).
        if !valid.claims.aud.contains(&app.config.server.issuer) {
            return Err(refused());
        }
        let scope: Scope = valid.claims.scope.parse().unwrap_or_default();
        let Some(user) = valid.user.filter(|_| scope.contains(OPENID)) else {
            return Err(OauthFailure::insufficient_scope(OPENID));
        };
        let mut said = claims::bought_by(&scope, &user);
        said.insert("sub".to_owned(), json!(user.subject));
        Ok(Json(Value::Object(said)))
    }
}
