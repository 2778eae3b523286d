//! `/confirm-email`: where the link to a new address leads. Opening it changes nothing, because mail
//! scanners open links too; the button does, for whoever is signed in to the account.

use poem::http::StatusCode;
use serde::Serialize;

use super::account::email::changed;
use crate::{
    accounts::change_email::{self, Confirmed},
    http::kit::{
        callback::{Onward, lets_on},
        errand::Errand,
        follow::in_flow,
        page::{Page, Shown, Visit},
        page_error::PageError,
        page_form::PageForm,
    },
    paths,
};

pub struct ConfirmEmail;

/// The context of `pages/confirm_email.html`.
#[derive(Debug, Serialize)]
struct ConfirmPage<'a> {
    csrf: String,
    state: State,
    token: &'a str,
    /// Where a front end wants its reader to go on to.
    onward: Option<Onward>,
    email: Option<String>,
    /// Signs in, or in as somebody else, and comes back.
    sign_in_href: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ask,
    /// Somebody must sign in to the account first.
    SignIn,
    /// Somebody else has the address by now.
    Taken,
    Dead,
}

impl Page for ConfirmEmail {
    async fn show(&self, visit: Visit) -> Shown {
        let token = token(&visit);
        let onward = Onward::of(&visit, None);
        let visit = lets_on(visit, onward.as_ref());
        let Some(pending) = change_email::peek(&visit.app, &token).await? else {
            return page(&visit, State::Dead, &token, None);
        };
        let signed_in = visit.visitor.signed_in.as_ref();
        let state = match signed_in.is_some_and(|own| own.user.id == pending.user_id) {
            true => State::Ask,
            false => State::SignIn,
        };
        page(&visit, state, &token, Some(pending.email))
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let token = form.field("token");
        let onward = Onward::of(&visit, Some(&form));
        let onward = onward.as_ref();
        let signed_in = visit.visitor.signed_in.as_ref();
        let browser = &visit.visitor.browser;
        let confirmed = change_email::confirm(&visit.app, token, signed_in, browser).await?;
        match confirmed {
            Confirmed::Done(session) => Ok(changed(&visit, &session, onward)),
            Confirmed::NotYours => page(&visit, State::SignIn, token, None),
            Confirmed::Taken => page(&visit, State::Taken, token, None),
            Confirmed::TooOften(often) => Err(PageError::TooOften(often.retry_after)),
            Confirmed::Wrong | Confirmed::Dead => page(&visit, State::Dead, token, None),
        }
    }
}

/// The secret in the address, or the errand with which somebody comes back from signing in.
fn token(visit: &Visit) -> String {
    let errand = visit.query.get("flow");
    let errand = errand.and_then(|flow| Errand::open(&visit.app, flow, &visit.visitor));
    match errand {
        Some(Errand::ConfirmEmail { token }) => token,
        _ => visit.query.get("token").unwrap_or_default().to_owned(),
    }
}

fn page(visit: &Visit, state: State, token: &str, email: Option<String>) -> Shown {
    let status = match state {
        State::Ask => StatusCode::OK,
        // Nothing has gone wrong yet for who only opens it.
        State::SignIn if email.is_some() => StatusCode::OK,
        State::SignIn => StatusCode::FORBIDDEN,
        State::Taken => StatusCode::CONFLICT,
        State::Dead => StatusCode::GONE,
    };
    let sign_in_href = match state {
        State::SignIn => {
            let token = token.to_owned();
            let errand = Errand::ConfirmEmail { token }.seal(&visit.app, &visit.visitor)?;
            // Who is signed in has to leave first, and is asked whether they want to.
            let way = match visit.visitor.signed_in {
                Some(_) => paths::LOGOUT,
                None => paths::LOGIN,
            };
            Some(in_flow(way, &errand))
        }
        _ => None,
    };
    let context = ConfirmPage {
        csrf: visit.csrf(None),
        state,
        token,
        onward: Onward::of(visit, None),
        email,
        sign_in_href,
    };
    visit.render(status, "pages/confirm_email.html", &context)
}
