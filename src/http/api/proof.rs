//! What the secret of a letter does that proves an address: for somebody who signs up, has an account,
//! or wants another address for it.

use poem::http::{HeaderMap, header};
use url::form_urlencoded;

use crate::{
    accounts::{
        AccountError, change_email,
        newcomer::{self, Opened},
        verify,
    },
    app::App,
    config::Config,
    crypto::secret::Minted,
    http::kit::{callback, problem::Problem, visitor::Visitor},
    paths,
};

/// What became of it.
pub enum Proven {
    Done,
    /// It is proven, and the browser has a new secret of its session.
    Welcome(Box<Minted>),
    /// The same, for an account that has another address now.
    Changed(Box<Minted>),
    /// It works, but not here.
    NotYours,
    /// It was used, has expired, or never was one.
    Dead,
}

/// Whether the request is one by which a browser opens a page, rather than one of a script that is
/// trusted or of a program.
pub fn is_opened(headers: &HeaderMap, config: &Config) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let origin = text("origin").is_none_or(|origin| config.trusts(origin));
    match text("sec-fetch-mode") {
        Some("cors" | "same-origin") => !origin || text("sec-purpose").is_some(),
        Some(_) => true,
        None => {
            let accepted = headers.get_all(header::ACCEPT).iter();
            let mut accepted = accepted.map(|value| value.to_str().unwrap_or_default());
            !origin || accepted.any(|value| value.contains("text/html"))
        }
    }
}

/// The page of ours that asks before it does anything, if the secret works.
pub async fn page(
    app: &App,
    token: &str,
    onward: Option<&str>,
    visitor: &Visitor,
) -> Result<Option<String>, Problem> {
    let opened = newcomer::peek(app, token, &visitor.browser).await?;
    let path = match () {
        () if !matches!(opened, Opened::Dead) => paths::CONFIRM_SIGN_UP,
        () if verify::peek(app, token).await?.is_some() => paths::VERIFY_EMAIL,
        () if change_email::peek(app, token).await?.is_some() => paths::CONFIRM_EMAIL,
        // A page of ours says what is the matter, where none of the front end does.
        () if onward.is_none() => paths::VERIFY_EMAIL,
        () => return Ok(None),
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("token", token);
    if let Some(url) = onward {
        query.append_pair(callback::ONWARD, &callback::seal(app, url)?);
    }
    Ok(Some(format!("{}?{}", app.url(path), query.finish())))
}

/// Uses the secret up, for its owner.
pub async fn take(app: &App, token: &str, visitor: &Visitor) -> Result<Proven, Problem> {
    let (own, browser) = (visitor.signed_in.as_ref(), &visitor.browser);
    if verify::peek(app, token).await?.is_some() {
        return match verify::confirm(app, token, own, browser).await? {
            verify::Confirmed::Done(_) => Ok(Proven::Done),
            verify::Confirmed::Welcome(session, _) => Ok(Proven::Welcome(session)),
            verify::Confirmed::NotYours => Ok(Proven::NotYours),
            verify::Confirmed::Wrong | verify::Confirmed::Dead => Ok(Proven::Dead),
            verify::Confirmed::TooOften(often) => Err(AccountError::TooOften(often).into()),
        };
    }
    if change_email::peek(app, token).await?.is_some() {
        use change_email::Confirmed;
        return match change_email::confirm(app, token, own, browser).await? {
            Confirmed::Done(session) => Ok(Proven::Changed(session)),
            Confirmed::NotYours => Ok(Proven::NotYours),
            Confirmed::Wrong | Confirmed::Taken | Confirmed::Dead => Ok(Proven::Dead),
            Confirmed::TooOften(often) => Err(AccountError::TooOften(often).into()),
        };
    }
    match newcomer::confirm_link(app, token, own, browser).await? {
        newcomer::Confirmed::Welcome(session, _) => Ok(Proven::Welcome(session)),
        newcomer::Confirmed::Elsewhere => Ok(Proven::NotYours),
        newcomer::Confirmed::Wrong | newcomer::Confirmed::Taken(_) | newcomer::Confirmed::Dead => {
            Ok(Proven::Dead)
        }
        newcomer::Confirmed::TooOften(often) => Err(AccountError::TooOften(often).into()),
    }
}
