//! `/upstream/onward`: back to the front end that sent somebody to sign in, by the JSON API.

use poem::Response;

use crate::{
    http::kit::{
        callback::{self, with_error},
        errand::FrontEnd,
        page::{Page, Shown, Visit},
        page_error::{PageError, see_other},
    },
    upstream::Failure,
};

pub struct Onward;

impl Page for Onward {
    async fn show(&self, visit: Visit) -> Shown {
        let flow = visit.query.get("flow");
        let front_end = callback::front_end(&visit, flow);
        let front_end = front_end.ok_or(PageError::StaleFlow)?;
        Ok(see_other(&front_end.callback))
    }
}

/// For somebody whose account was made a moment ago.
pub(super) fn as_new(front_end: &FrontEnd) -> Response {
    let callback = &front_end.callback;
    see_other(front_end.new_user.as_ref().unwrap_or(callback))
}

/// For somebody who was not let in. None if the front end has no page for that: then ours says it.
pub(super) fn as_failed(front_end: &FrontEnd, why: Failure) -> Option<Response> {
    let page = front_end.error.as_ref()?;
    Some(see_other(&with_error(page, code(why))))
}

/// The word for it that front ends know.
fn code(why: Failure) -> &'static str {
    match why {
        Failure::Cancelled => "access_denied",
        Failure::Unavailable => "unable_to_get_user_info",
        Failure::NotBelieved => "invalid_code",
        Failure::NoSignIn | Failure::NoSignUp => "signup_disabled",
        Failure::NoLink => "unable_to_link_account",
        Failure::Disabled => "account_disabled",
        Failure::LinkedElsewhere => "account_already_linked_to_different_user",
        Failure::AddressHeld => "account_not_linked",
        Failure::WrongDomain => "email_does_not_match",
        Failure::OtherIssuer => "issuer_mismatch",
        Failure::NotProven => "email_not_verified",
        Failure::NotFresh => "session_not_fresh",
    }
}
