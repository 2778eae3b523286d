//! What a page says when it cannot do what was asked: what happened, and a way on.

use entity::db::is_away;
use poem::{
    IntoResponse, Response,
    http::{HeaderValue, StatusCode, header},
    web::Html,
};
use sea_orm::DbErr;
use serde::Serialize;

use super::{
    headers::{RETRY_AFTER, page_policy},
    visited::{Visited, Way, sentence},
};
use crate::{
    accounts::AccountError, app::App, crypto::password::Busy, limits::TooOften,
    oauth::error::OauthError, paths, upstream::UpstreamError,
};

/// Why a page could not be shown or a form not be taken.
#[derive(Debug)]
pub enum PageError {
    /// The form is not from a page of this browser: 403.
    Expired,
    /// There is nothing here: 404.
    NotFound,
    /// The page has no form: 405.
    Method,
    /// The form cannot be read: 400, or 413 if it is too long.
    Unreadable(StatusCode, String),
    /// The person must sign in first: 303, with the way there and back.
    SignIn(Box<Response>),
    /// An OAuth error that cannot be sent to a client (RFC 6749 §4.1.2.1): 400.
    Oauth(Visited, OauthError),
    /// A front end could not go on, and names this as the reason: 200, as front ends expect.
    FrontEnd(Option<String>),
    /// The flow is not one of this browser, or too old: 400.
    StaleFlow,
    /// Too many sign-ins at once: 503.
    Busy,
    /// Done too often: 429, with the seconds after which it may be done again.
    TooOften(u32),
    /// Logged, not shown: 500.
    Unexpected(anyhow::Error),
}

/// The context of `pages/error.html`.
#[derive(Debug, Serialize)]
struct Page<'a> {
    dev: bool,
    issuer: &'a str,
    request_id: &'a str,
    style_href: &'static str,
    signed_in: Option<()>,
    id: &'static str,
    heading: &'a str,
    message: &'a str,
    code: Option<&'a str>,
    next: Vec<Way>,
}

impl PageError {
    /// The page, or the redirect to the sign-in page.
    pub fn respond(self, app: &App, request_id: &str) -> Response {
        if let Self::SignIn(way) = self {
            return *way;
        }
        if let Self::Unexpected(error) = &self {
            tracing::error!(error = format!("{error:#}"), "unexpected");
        }
        let message = match &self {
            Self::Unreadable(_, why) => format!("Nothing was changed: {why}."),
            Self::TooOften(seconds) => {
                let wait = TooOften {
                    retry_after: *seconds,
                };
                format!("Nothing was changed. Try again in {}.", wait.in_words())
            }
            Self::Oauth(at, error) => {
                format!("{}. {}", sentence(error.description()), at.advice())
            }
            other => other.advice().to_owned(),
        };
        let (status, heading) = self.title();
        let mut page = Page::new(app, request_id, heading, &message);
        if let Self::Oauth(at, error) = &self {
            page.id = "oauth-error";
            page.code = Some(error.code.name());
            page.next = at.ways();
        }
        if let Self::FrontEnd(code) = &self {
            page.code = code.as_deref();
        }
        let mut response = page.render(app, status);
        let retry_after = match &self {
            Self::TooOften(seconds) => Some(*seconds),
            _ => (status == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER),
        };
        if let Some(seconds) = retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }

    fn title(&self) -> (StatusCode, &'static str) {
        match self {
            Self::SignIn(_) => (StatusCode::SEE_OTHER, ""),
            Self::Expired => (StatusCode::FORBIDDEN, "This form has expired"),
            Self::NotFound => (StatusCode::NOT_FOUND, "There is no such page"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "This page cannot do that"),
            Self::Unreadable(status, _) => (*status, "The form could not be read"),
            Self::StaleFlow => (StatusCode::BAD_REQUEST, "This sign-in cannot go on"),
            Self::FrontEnd(_) => (StatusCode::OK, "This could not be done"),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many people are signing in",
            ),
            Self::TooOften(_) => (StatusCode::TOO_MANY_REQUESTS, "Too many attempts"),
            Self::Oauth(at, _) => (StatusCode::BAD_REQUEST, at.heading()),
            Self::Unexpected(error) if error.downcast_ref().is_some_and(is_away) => {
                (StatusCode::SERVICE_UNAVAILABLE, "We cannot answer just now")
            }
            Self::Unexpected(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong here",
            ),
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Self::Expired => {
                "The page was open for too long, or was opened before you signed in or out. Nothing was changed. Go back, reload the page and send the form again."
            }
            Self::NotFound => "Check the address, or go on from here.",
            Self::Method => "The address exists, but not for this kind of request.",
            Self::StaleFlow => {
                "It was open for too long, or it began in another browser. Go back to the application that sent you here and start again."
            }
            Self::FrontEnd(_) => "Go back to the application that sent you here and start again.",
            Self::Busy => {
                "Nothing is wrong with what you typed. Wait a few seconds, go back and send the form again."
            }
            Self::Unexpected(_) => {
                "It is not your fault. Try again in a moment; if it happens again, tell the operator the request id below."
            }
            Self::SignIn(_) | Self::TooOften(_) | Self::Unreadable(..) | Self::Oauth(..) => "",
        }
    }
}

impl<'a> Page<'a> {
    fn new(app: &'a App, request_id: &'a str, heading: &'a str, message: &'a str) -> Self {
        Self {
            dev: app.config.development,
            issuer: &app.config.server.issuer,
            request_id,
            style_href: paths::STYLE,
            signed_in: None,
            id: "error",
            heading,
            message,
            code: None,
            next: vec![Way {
                href: paths::ACCOUNT.to_owned(),
                label: "Go to your account",
            }],
        }
    }

    fn render(&self, app: &App, status: StatusCode) -> Response {
        let html = app
            .templates
            .render("pages/error.html", self)
            .unwrap_or_else(|error| {
                tracing::error!(%error, "the error page is broken");
                format!(
                    "<!doctype html><title>Error</title><h1>{}</h1>",
                    status.as_u16()
                )
            });
        let mut response = Html(html).with_status(status).into_response();
        page_policy(&mut response, None);
        response
    }
}

/// What the pages say where none has spoken: no such page, not this method.
pub fn face(app: &App, status: StatusCode, request_id: &str) -> Response {
    let error = match status {
        StatusCode::NOT_FOUND => PageError::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => PageError::Method,
        status if status.is_client_error() => {
            PageError::Unreadable(status, "the request is not well formed".to_owned())
        }
        status => PageError::Unexpected(anyhow::anyhow!("status {status}")),
    };
    error.respond(app, request_id)
}

/// 303, the only redirect that we send (RFC 9700 §4.12).
pub fn see_other(location: &str) -> Response {
    let mut response = Response::from(StatusCode::SEE_OTHER);
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

impl From<DbErr> for PageError {
    fn from(error: DbErr) -> Self {
        Self::Unexpected(error.into())
    }
}

impl From<anyhow::Error> for PageError {
    fn from(error: anyhow::Error) -> Self {
        Self::Unexpected(error)
    }
}

impl From<minijinja::Error> for PageError {
    fn from(error: minijinja::Error) -> Self {
        Self::Unexpected(error.into())
    }
}

impl From<Busy> for PageError {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

impl From<UpstreamError> for PageError {
    fn from(error: UpstreamError) -> Self {
        match error {
            UpstreamError::TooOften(often) => Self::TooOften(often.retry_after),
            UpstreamError::Unexpected(error) => Self::Unexpected(error),
        }
    }
}

/// For the errors of a form that its page has no sentence for.
impl From<AccountError> for PageError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Busy(_) => Self::Busy,
            AccountError::TooOften(often) => Self::TooOften(often.retry_after),
            other => Self::Unexpected(other.into()),
        }
    }
}
