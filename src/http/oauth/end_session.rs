//! `/oauth2/logout` (OpenID Connect RP-Initiated Logout 1.0 §2).

use poem::{Request, Response};
use poem_openapi::{Object, OpenApi};

use super::{Tag, browser::BrowserAnswer};
use crate::{
    app::App,
    http::kit::{
        body,
        follow::follow_logout,
        oauth_form::OauthForm,
        page_error::{PageError, see_other},
        trace::request_id,
        visited::Visited,
        visitor::Visitor,
    },
    logout,
    oauth::{error::OauthError, params::Params},
    paths,
};

#[derive(Debug)]
pub struct EndSession {
    pub app: App,
}

/// The parameters of the end-session endpoint.
#[derive(Debug, Object)]
pub struct EndSessionParameters {
    /// An ID token of ours, expired or not: who is to be signed out.
    pub id_token_hint: Option<String>,
    /// The client, if there is no hint.
    pub client_id: Option<String>,
    /// Where to go on, byte for byte as registered.
    pub post_logout_redirect_uri: Option<String>,
    /// Comes back unchanged.
    pub state: Option<String>,
}

#[OpenApi(prefix_path = "/oauth2", tag = "Tag::OpenIdConnect")]
impl EndSession {
    /// Sign a person out.
    ///
    /// With a hint that fits, at once; otherwise the person is asked.
    #[oai(path = "/logout", method = "get", operation_id = "endSession")]
    async fn get(&self, request: &Request) -> BrowserAnswer {
        let answered = match body::query(request) {
            Ok(params) => self.answer(request, &params).await,
            Err(error) => Err(unreadable(&error.to_string())),
        };
        BrowserAnswer(
            answered.unwrap_or_else(|error| error.respond(&self.app, &request_id(request))),
        )
    }

    /// The same by form; answers with a redirect to the same request as a GET.
    #[oai(path = "/logout", method = "post", operation_id = "endSessionByForm")]
    async fn post(
        &self,
        request: &Request,
        form: OauthForm<EndSessionParameters>,
    ) -> BrowserAnswer {
        BrowserAnswer(match form.raw() {
            Ok(params) => see_other(&format!("{}?{}", paths::END_SESSION, params.to_query())),
            Err(error) => unreadable(&error.to_string()).respond(&self.app, &request_id(request)),
        })
    }
}

impl EndSession {
    async fn answer(&self, request: &Request, params: &Params) -> Result<Response, PageError> {
        let app = &self.app;
        let visitor = Visitor::of(app, request).await?;
        let next = logout::requested(app, params, visitor.leaving()).await?;
        let mut response = follow_logout(app, next)?;
        // The page that tells clients is for this browser only.
        visitor.greet(app, &mut response);
        Ok(response)
    }
}

fn unreadable(why: &str) -> PageError {
    PageError::Oauth(Visited::Logout, OauthError::invalid_request(why))
}
