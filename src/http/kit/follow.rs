//! Carries out what the dispatcher of authorization requests decided.

use poem::Response;

use super::{
    page_error::{PageError, see_other},
    visited::Visited,
};
use crate::{authorization::Next, paths};

/// The browser's next step.
pub fn follow(next: Next) -> Result<Response, PageError> {
    match next {
        Next::SignIn(flow) => Ok(see_other(&in_flow(paths::LOGIN, &flow))),
        Next::Consent(flow) => Ok(see_other(&in_flow(paths::CONSENT, &flow))),
        Next::Return(url) => Ok(see_other(&url)),
        Next::Show(error) => Err(PageError::Oauth(Visited::Authorization, error)),
    }
}

/// Back to the dispatcher with a flow.
pub fn resume(flow: &str) -> Response {
    see_other(&in_flow(paths::AUTHORIZE, flow))
}

/// A page with its flow; sealed flows are base64url and need no escaping.
pub fn in_flow(path: &str, flow: &str) -> String {
    format!("{path}?flow={flow}")
}
