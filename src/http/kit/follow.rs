//! Carries out what the dispatcher of authorization requests decided, or a request to sign out.

use poem::Response;

use super::{
    cookies::Cookie,
    errand, form_post,
    page_error::{PageError, see_other},
    visited::Visited,
};
use crate::{
    app::App,
    authorization::{Answer, Next},
    logout, paths,
};

/// The browser's next step.
pub fn follow(app: &App, next: Next) -> Result<Response, PageError> {
    match next {
        Next::SignIn(flow) => Ok(see_other(&in_flow(paths::LOGIN, &flow))),
        Next::Consent(flow) => Ok(see_other(&in_flow(paths::CONSENT, &flow))),
        Next::SignUp(flow) => Ok(see_other(&in_flow(paths::REGISTER, &flow))),
        Next::Return(Answer::Redirect(url)) => Ok(see_other(&url)),
        Next::Return(Answer::Post(form)) => form_post::page(app, &form),
        Next::Show(error) => Err(PageError::Oauth(Visited::Authorization, error)),
    }
}

/// The next step of a browser that was, or may be, signed out.
pub fn follow_logout(app: &App, next: logout::Next) -> Result<Response, PageError> {
    let to = match next {
        logout::Next::Show(error) => return Err(PageError::Oauth(Visited::Logout, error)),
        logout::Next::Confirm => return Ok(see_other(paths::LOGOUT_CONFIRM)),
        logout::Next::Notify(sealed) => format!("{}?notice={sealed}", paths::LOGOUT_NOTIFY),
        logout::Next::Go(to) => to,
    };
    let mut response = see_other(&to);
    Cookie::Session.clear(app, &mut response);
    Ok(response)
}

/// Back to the dispatcher with a flow.
pub fn resume(flow: &str) -> Response {
    see_other(&way_on(flow))
}

/// Where a flow goes on: at the dispatcher, or at the page whose errand it is.
pub fn way_on(flow: &str) -> String {
    in_flow(errand::page_of(flow).unwrap_or(paths::AUTHORIZE), flow)
}

/// A page with its flow; sealed flows are base64url, some with a word and a full stop in
/// front, and need no escaping.
pub fn in_flow(path: &str, flow: &str) -> String {
    format!("{path}?flow={flow}")
}
