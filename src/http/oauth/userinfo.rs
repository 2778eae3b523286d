//! `/oauth2/userinfo` (OpenID Connect Core §5.3).

use entity::{
    client,
    value::{OPENID, Scope, SigningAlg},
};
use poem::Request;
use poem_openapi::{
    ApiResponse, Object, OpenApi, ResponseContent,
    payload::{Json, PlainText},
};
use serde_json::{Map, Value, json};

use super::Tag;
use crate::{
    app::App,
    crypto::jwt::Typ,
    http::kit::{body::FormError, oauth_error::OauthFailure, oauth_form::OauthForm, resource},
    oauth::params::Params,
    paths,
    tokens::{claims, subject::subject},
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

/// What is answered, in the form that the client registered.
#[derive(Debug, ApiResponse)]
enum UserinfoAnswer {
    /// What the token may know about its person.
    #[oai(status = 200)]
    Said(Said),
}

#[derive(Debug, ResponseContent)]
enum Said {
    Plain(Json<Value>),
    #[oai(content_type = "application/jwt")]
    Signed(PlainText<String>),
}

#[OpenApi(prefix_path = "/oauth2", tag = "Tag::OpenIdConnect")]
impl Userinfo {
    /// What the token may know about its person.
    ///
    /// The token goes into the `Authorization` header.
    #[oai(path = "/userinfo", method = "get", operation_id = "userinfo")]
    async fn get(&self, request: &Request) -> Result<UserinfoAnswer, OauthFailure> {
        self.answer(request, None).await
    }

    /// The same by POST, with the token in the header or in the form.
    #[oai(path = "/userinfo", method = "post", operation_id = "userinfoByForm")]
    async fn post(
        &self,
        request: &Request,
        form: OauthForm<UserinfoForm>,
    ) -> Result<UserinfoAnswer, OauthFailure> {
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
    ) -> Result<UserinfoAnswer, OauthFailure> {
        let app = &self.app;
        let opened = resource::open(app, request, form, paths::USERINFO).await?;
        let valid = &opened.valid;
        // A token for somebody else's API opens nothing here (RFC 9068 §4).
        if !valid.claims.aud.contains(&app.config.server.issuer) {
            return Err(opened.refused());
        }
        let scope: Scope = valid.claims.scope.parse().unwrap_or_default();
        let Some(user) = valid
            .user
            .as_ref()
            .filter(|_| claims::opens_userinfo(&scope))
        else {
            return Err(opened.insufficient_scope(OPENID));
        };
        let mut said = claims::bought_by(&scope, user);
        // OpenID Connect Core §5.5: what was asked for by name comes along, to the client that asked and
        // to none to which its token was exchanged.
        if let Some(asked) = valid
            .family
            .as_ref()
            .filter(|family| family.client_id == valid.client.id)
            .and_then(|family| family.claims.as_ref())
        {
            let own = &valid.client.scope;
            said.extend(claims::asked_for(&asked.userinfo, user, own));
        }
        let subject = subject(app, &valid.client, user);
        said.insert("sub".to_owned(), json!(subject));
        self.told(&valid.client, said)
    }

    /// As JSON, or as a JWT for a client that registered that (§5.3.2): with `iss` and `aud`, as it
    /// may be shown to others, and without a `nonce`, which belongs to an ID token.
    fn told(
        &self,
        client: &client::Model,
        mut said: Map<String, Value>,
    ) -> Result<UserinfoAnswer, OauthFailure> {
        let (app, alg) = (&self.app, &client.metadata.userinfo_signed_response_alg);
        let Some(alg) = alg.as_deref().and_then(SigningAlg::named) else {
            return Ok(UserinfoAnswer::Said(Said::Plain(Json(Value::Object(said)))));
        };
        said.insert("iss".to_owned(), json!(app.config.server.issuer));
        said.insert("aud".to_owned(), json!(client.client_id));
        let signed = app
            .keyring
            .sign(alg, Typ::Userinfo, &said, app.clock.now())
            .map_err(|error| OauthFailure::unexpected(&error))?;
        Ok(UserinfoAnswer::Said(Said::Signed(PlainText(signed))))
    }
}
