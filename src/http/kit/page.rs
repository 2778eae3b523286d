//! A page: one path, a GET that shows and changes nothing, and perhaps a form that is sent to it.

use std::future::Future;

use poem::{
    Endpoint, IntoResponse, Request, Response, Result,
    http::{Method, StatusCode},
    web::Html,
};
use serde::Serialize;
use url::form_urlencoded;

use super::{
    body::{self, FormError},
    follow::resume,
    headers::page_policy,
    page_error::{PageError, see_other},
    page_form::{PageForm, PageFormError},
    trace::request_id,
    visitor::Visitor,
};
use crate::{
    app::App,
    oauth::{params::Params, redirect_uri},
    paths,
};

/// The answer of a page.
pub type Shown = Result<Response, PageError>;

/// A page. What it does not say it can do, it refuses.
pub trait Page: Send + Sync + 'static {
    /// GET and HEAD. Must change nothing.
    fn show(&self, visit: Visit) -> impl Future<Output = Shown> + Send {
        let _ = visit;
        std::future::ready(Err(PageError::Method))
    }

    /// POST, with a form that is proven to be the visitor's.
    fn submit(&self, visit: Visit, form: PageForm) -> impl Future<Output = Shown> + Send {
        let _ = (visit, form);
        std::future::ready(Err(PageError::Method))
    }
}

/// One request for a page.
#[derive(Debug)]
pub struct Visit {
    pub app: App,
    pub visitor: Visitor,
    pub query: Params,
    pub request_id: String,
    /// The value of the playground's cookie, and what else a page must see of the request.
    pub request: RequestFacts,
    form_action: Option<String>,
}

/// Facts of the request that single pages need.
#[derive(Debug)]
pub struct RequestFacts {
    pub path: String,
    pub playground: Option<String>,
    /// By which provider somebody signed in here last.
    pub last_way: Option<String>,
}

/// What every page shows besides its own.
#[derive(Serialize)]
struct Framed<'a, C> {
    dev: bool,
    issuer: &'a str,
    request_id: &'a str,
    style_href: &'static str,
    signed_in: Option<Name<'a>>,
    #[serde(flatten)]
    own: &'a C,
}

#[derive(Serialize)]
struct Name<'a> {
    name: Option<&'a str>,
    email: &'a str,
}

impl Visit {
    /// Lets the answer to this page's form redirect to the (proven) redirect URI of a client.
    pub fn may_return_to(mut self, redirect_uri: &str) -> Self {
        self.form_action = redirect_uri::csp_source(redirect_uri);
        self
    }

    /// Lets the answer to a form of this page redirect to these origins, too.
    pub fn may_go_to(mut self, origins: &[String]) -> Self {
        let mut sources: Vec<String> = self.form_action.into_iter().collect();
        sources.extend(origins.iter().cloned());
        sources.dedup();
        self.form_action = (!sources.is_empty()).then(|| sources.join(" "));
        self
    }

    /// The token for the forms of this page.
    pub fn csrf(&self, flow: Option<&str>) -> String {
        self.visitor.form_token(&self.app, flow)
    }

    /// Renders a template with its context.
    pub fn render<C: Serialize>(&self, status: StatusCode, template: &str, own: &C) -> Shown {
        self.render_leading_to(self.form_action.as_deref(), status, template, own)
    }

    /// The same, where the answers to its forms may redirect to these sources besides our own.
    pub fn render_leading_to<C: Serialize>(
        &self,
        form_action: Option<&str>,
        status: StatusCode,
        template: &str,
        own: &C,
    ) -> Shown {
        let framed = Framed {
            dev: self.app.config.development,
            issuer: &self.app.config.server.issuer,
            request_id: &self.request_id,
            style_href: paths::STYLE,
            signed_in: self.visitor.signed_in.as_ref().map(|signed_in| Name {
                name: signed_in.user.name.as_deref(),
                email: &signed_in.user.email,
            }),
            own,
        };
        let html = self.app.templates.render(template, &framed)?;
        let mut response = Html(html).with_status(status).into_response();
        page_policy(&mut response, form_action);
        self.visitor.greet(&self.app, &mut response);
        Ok(response)
    }
}

/// A page at its path.
#[derive(Debug)]
pub struct PageEndpoint<P> {
    pub app: App,
    pub page: P,
}

impl<P: Page> Endpoint for PageEndpoint<P> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let id = request_id(&request);
        let shown = self.shown(request, id.clone()).await;
        Ok(shown.unwrap_or_else(|error| error.respond(&self.app, &id)))
    }
}

impl<P: Page> PageEndpoint<P> {
    async fn shown(&self, request: Request, request_id: String) -> Shown {
        let (request, mut body) = request.split();
        let unreadable =
            |error: FormError| PageError::Unreadable(StatusCode::BAD_REQUEST, error.to_string());
        let query = body::query(&request).map_err(|error| unreadable(error.into()))?;
        let visitor = Visitor::of(&self.app, &request).await?;
        let facts = RequestFacts {
            path: request.original_uri().path().to_owned(),
            playground: super::cookies::Cookie::Playground.read(&self.app, &request),
            last_way: super::cookies::Cookie::LastWay.read(&self.app, &request),
        };
        let form = match *request.method() {
            Method::GET | Method::HEAD => None,
            Method::POST => match PageForm::read(&self.app, &visitor, &request, &mut body).await {
                Ok(form) => Some(form),
                Err(PageFormError::NotOurs) => return Err(PageError::Expired),
                Err(PageFormError::Overtaken {
                    flow: Some(flow), ..
                }) => return Ok(resume(&flow)),
                Err(PageFormError::Overtaken { flow: None, token }) => {
                    return Ok(see_other(&once_more(&facts.path, token)));
                }
                Err(PageFormError::Unreadable(FormError::TooLong)) => {
                    let status = StatusCode::PAYLOAD_TOO_LARGE;
                    return Err(PageError::Unreadable(
                        status,
                        FormError::TooLong.to_string(),
                    ));
                }
                Err(PageFormError::Unreadable(error)) => return Err(unreadable(error)),
            },
            _ => return Err(PageError::Method),
        };
        let visit = Visit {
            app: self.app.clone(),
            visitor,
            query,
            request_id,
            request: facts,
            form_action: None,
        };
        match form {
            None => self.page.show(visit).await,
            Some(form) => self.page.submit(visit, form).await,
        }
    }
}

/// The page once more; that of a letter with the secret with which it was opened before.
fn once_more(path: &str, token: Option<String>) -> String {
    let Some(token) = token else {
        return path.to_owned();
    };
    let token: String = form_urlencoded::byte_serialize(token.as_bytes()).collect();
    format!("{path}?token={token}")
}
