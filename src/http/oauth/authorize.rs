//! `/oauth2/authorize` (RFC 6749 §3.1).

use poem::{Request, Response};
use poem_openapi::OpenApi;

use super::{Tag, browser::BrowserAnswer};
use crate::{
    app::App,
    authorization::{self, Next, Parameters},
    http::kit::{
        body,
        follow::follow,
        oauth_form::OauthForm,
        page_error::{PageError, see_other},
        trace::request_id,
        visited::Visited,
        visitor::Visitor,
    },
    oauth::{error::OauthError, params::Params},
    paths,
};

#[derive(Debug)]
pub struct Authorize {
    pub app: App,
}

#[OpenApi(prefix_path = "/oauth2", tag = "Tag::OpenIdConnect")]
impl Authorize {
    /// Ask for a person to be signed in.
    #[oai(path = "/authorize", method = "get", operation_id = "authorize")]
    async fn get(&self, request: &Request) -> BrowserAnswer {
        let answered = match body::query(request) {
            Ok(params) => self.answer(request, &params).await,
            Err(error) => Err(unreadable(&error.to_string())),
        };
        BrowserAnswer(
            answered.unwrap_or_else(|error| error.respond(&self.app, &request_id(request))),
        )
    }

    /// The same by form (OpenID Connect Core §3.1.2.1). Answers with a redirect to the same request
    /// as a GET, because a browser sends our cookies along with that one.
    #[oai(path = "/authorize", method = "post", operation_id = "authorizeByForm")]
    async fn post(&self, request: &Request, form: OauthForm<Parameters>) -> BrowserAnswer {
        let params = match (form.raw(), body::query(request)) {
            (Ok(form), Ok(query)) => Ok(query.and(form.clone())),
            (Err(error), _) => Err(unreadable(&error.to_string())),
            (_, Err(error)) => Err(unreadable(&error.to_string())),
        };
        BrowserAnswer(match params {
            // 303, never 307: the browser must not post it again (RFC 9700 §4.12).
            Ok(params) => see_other(&format!("{}?{}", paths::AUTHORIZE, params.to_query())),
            Err(error) => error.respond(&self.app, &request_id(request)),
        })
    }
}

impl Authorize {
    async fn answer(&self, request: &Request, params: &Params) -> Result<Response, PageError> {
        let app = &self.app;
        let visitor = Visitor::of(app, request).await?;
        let signed_in = visitor.signed_in.as_ref();
        let next = match (params.get("client_id"), params.get("flow")) {
            (None, Some(flow)) => {
                let opened = authorization::open(app, flow, &visitor.digest).await?;
                let (client, request) = opened.map_err(|_| PageError::StaleFlow)?;
                authorization::proceed(app, &client, &request, signed_in).await?
            }
            _ => authorization::start(app, params, &visitor.digest, signed_in).await?,
        };
        // Only our own pages need to know the browser again: `prompt=none` leaves nothing in it.
        let stays = matches!(next, Next::SignIn(_) | Next::SignUp(_) | Next::Consent(_));
        let mut response = follow(app, next)?;
        if stays {
            visitor.greet(app, &mut response);
        }
        Ok(response)
    }
}

fn unreadable(why: &str) -> PageError {
    PageError::Oauth(Visited::Authorization, OauthError::invalid_request(why))
}
