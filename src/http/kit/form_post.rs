//! The page that posts an authorization response to the client (OAuth 2.0 Form Post Response Mode
//! §2). With scripts it sends itself; without, a button does.

use base64::{Engine, engine::general_purpose::STANDARD};
use poem::{
    IntoResponse, Response,
    http::{HeaderValue, header},
    web::Html,
};
use serde::Serialize;

use super::{headers::page_policy, page_error::PageError};
use crate::{app::App, authorization::FormPost, crypto::sha256, oauth::redirect_uri, paths};

/// The only script of this page, allowed by its hash.
const SCRIPT: &str = "document.forms[0].submit()";

/// The context of `form_post.html`.
#[derive(Serialize)]
struct FormPostPage<'a> {
    dev: bool,
    issuer: &'a str,
    style_href: &'static str,
    signed_in: Option<()>,
    action: &'a str,
    /// Where the answer goes, in words.
    host: String,
    fields: &'a [(&'static str, String)],
    script: &'static str,
}

/// The page. Its form can be sent to the client's origin and nowhere else.
pub fn page(app: &App, form: &FormPost) -> Result<Response, PageError> {
    let context = FormPostPage {
        dev: app.config.development,
        issuer: &app.config.server.issuer,
        style_href: paths::STYLE,
        signed_in: None,
        action: &form.action,
        host: redirect_uri::shown_host(&form.action),
        fields: &form.fields,
        script: SCRIPT,
    };
    let html = app.templates.render("form_post.html", &context)?;
    let mut response = Html(html).into_response();
    page_policy(&mut response, None);
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src data:; script-src 'sha256-{}'; \
         form-action {}; base-uri 'none'; frame-ancestors 'none'",
        STANDARD.encode(sha256(SCRIPT.as_bytes())),
        redirect_uri::csp_source(&form.action).unwrap_or_default(),
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}
