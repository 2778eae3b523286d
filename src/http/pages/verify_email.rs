//! `/verify-email`: where a mailed link leads. Opening it changes nothing, because mail scanners
//! open links too; the button does, for the person who is signed in to the account.

use poem::http::StatusCode;
use serde::Serialize;

use crate::{
    accounts::verify::{self, Confirmed},
    http::kit::{
        page::{Page, Shown, Visit},
        page_form::PageForm,
    },
};

pub struct VerifyEmail;

/// The context of `pages/verify_email.html`.
#[derive(Debug, Serialize)]
struct VerifyPage<'a> {
    csrf: String,
    token: &'a str,
    state: State,
    email: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ask,
    Done,
    /// Somebody must sign in to the account first.
    SignIn,
    Dead,
}

impl Page for VerifyEmail {
    async fn show(&self, visit: Visit) -> Shown {
        let token = visit.query.get("token").unwrap_or_default();
        match verify::peek(&visit.app, token).await? {
            Some(email) => page(&visit, State::Ask, token, Some(email)),
            None => page(&visit, State::Dead, "", None),
        }
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let signed_in = visit.visitor.signed_in.as_ref();
        match verify::confirm(&visit.app, form.field("token"), signed_in).await? {
            Confirmed::Done(email) => page(&visit, State::Done, "", Some(email)),
            Confirmed::NotYours => page(&visit, State::SignIn, "", None),
            Confirmed::Dead => page(&visit, State::Dead, "", None),
        }
    }
}

fn page(visit: &Visit, state: State, token: &str, email: Option<String>) -> Shown {
    let status = match state {
        State::Ask | State::Done => StatusCode::OK,
        State::SignIn => StatusCode::FORBIDDEN,
        State::Dead => StatusCode::GONE,
    };
    let context = VerifyPage {
        csrf: visit.csrf(None),
        token,
        state,
        email,
    };
    visit.render(status, "pages/verify_email.html", &context)
}
