//! `/upstream/finish`: what somebody must still do who came back from a provider: sign in to the
//! account that has their address and say that the two belong together, or prove an address.

use poem::http::StatusCode;
use serde::Serialize;

use super::{arrived, here};
use crate::{
    http::{
        kit::{
            callback,
            errand::Errand,
            follow::{in_flow, way_on},
            page::{Page, Shown, Visit},
            page_error::{PageError, see_other},
            page_form::PageForm,
        },
        pages::forms::{FieldError, NOT_TAKEN, sentence},
    },
    oauth::redirect_uri::csp_source,
    paths,
    upstream::finish::{self, Arrival, Coded, Missing},
};

pub struct Finish;

/// The context of `pages/upstream_finish.html`.
#[derive(Debug, Serialize)]
struct FinishPage<'a> {
    csrf: String,
    /// The errand by which this page is opened.
    flow: &'a str,
    state: State,
    provider: &'a str,
    display: &'a str,
    /// The address of the account, or the one that is to be proven.
    email: Option<&'a str>,
    errors: &'a [FieldError],
    login_href: String,
    /// Where to go on without any of it.
    back_href: String,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    SignIn,
    Word,
    Address,
    Code,
}

const WRONG: FieldError = FieldError {
    field: "code",
    message: "This code is wrong. It has six digits and stands in the newest letter.",
};

const DEAD: FieldError = FieldError {
    field: "",
    message: "This code was tried too often. Have a new letter sent.",
};

impl Page for Finish {
    async fn show(&self, visit: Visit) -> Shown {
        let flow = visit.query.get("flow").map(str::to_owned);
        let (flow, secret) = errand(&visit, flow)?;
        page(&visit, (&flow, &secret), &[], None).await
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let app = &visit.app;
        let (flow, secret) = errand(&visit, form.flow().map(str::to_owned))?;
        let arrival = look(&visit, &secret).await?;
        let provider = arrival.provider;
        let errors = match form.field("action") {
            "link" => {
                let came = finish::link(app, &secret, here(&visit)).await?;
                return arrived(&visit, provider, came);
            }
            "confirm" => {
                let typed = form.field("code");
                match finish::confirm(app, &secret, typed, here(&visit)).await? {
                    Coded::Right(came) => return arrived(&visit, provider, *came),
                    Coded::Wrong => vec![WRONG],
                    Coded::Dead => vec![DEAD],
                }
            }
            _ => {
                let typed = form.field("email");
                match finish::ask(app, &secret, typed, here(&visit)).await? {
                    Ok(true) => return Ok(see_other(&in_flow(paths::UPSTREAM_FINISH, &flow))),
                    Ok(false) => return Err(PageError::StaleFlow),
                    Err(error) => vec![sentence(error, "email")?],
                }
            }
        };
        let typed = form.field("email");
        let typed = (!typed.is_empty()).then_some(typed);
        page(&visit, (&flow, &secret), &errors, typed).await
    }
}

/// The errand, and the secret in it.
fn errand(visit: &Visit, flow: Option<String>) -> Result<(String, String), PageError> {
    let flow = flow.ok_or(PageError::StaleFlow)?;
    match Errand::open(&visit.app, &flow, &visit.visitor) {
        Some(Errand::Arrival { secret }) => Ok((flow, secret)),
        _ => Err(PageError::StaleFlow),
    }
}

async fn look<'a>(visit: &'a Visit, secret: &str) -> Result<Arrival<'a>, PageError> {
    let arrival = finish::look(&visit.app, secret, here(visit)).await?;
    arrival.ok_or(PageError::StaleFlow)
}

async fn page(
    visit: &Visit,
    (flow, secret): (&str, &str),
    errors: &[FieldError],
    typed: Option<&str>,
) -> Shown {
    let arrival = match finish::look(&visit.app, secret, here(visit)).await? {
        Some(arrival) => arrival,
        // What was to be done is done, or it is too late: somebody who is signed in is told nothing.
        None if visit.visitor.signed_in.is_some() => return Ok(see_other(paths::ACCOUNT_LINKED)),
        None => return Err(PageError::StaleFlow),
    };
    let (state, email) = match &arrival.missing {
        Missing::SignIn(email) => (State::SignIn, Some(email.as_str())),
        Missing::Word(email) => (State::Word, Some(email.as_str())),
        Missing::Address(told) => (State::Address, typed.or(told.as_deref())),
        Missing::Code(email) => (State::Code, Some(email.as_str())),
    };
    let back = arrival.flow.as_deref();
    let context = FinishPage {
        csrf: visit.csrf(Some(flow)),
        flow,
        state,
        provider: arrival.provider.display_name(),
        display: &arrival.display,
        email,
        errors,
        // Whoever is signed in, as somebody else or for long, signs out first.
        login_href: match &visit.visitor.signed_in {
            Some(_) => in_flow(paths::LOGOUT, flow),
            None => in_flow(paths::LOGIN, flow),
        },
        back_href: match (back, &visit.visitor.signed_in) {
            (Some(back), Some(_)) => way_on(back),
            (Some(back), None) => in_flow(paths::LOGIN, back),
            (None, Some(_)) => paths::ACCOUNT.to_owned(),
            (None, None) => paths::LOGIN.to_owned(),
        },
    };
    let status = match errors.is_empty() {
        true => StatusCode::OK,
        false => NOT_TAKEN,
    };
    let onward = callback::front_end(visit, back);
    let leads_to = onward.and_then(|onward| csp_source(&onward.callback));
    visit.render_leading_to(
        leads_to.as_deref(),
        status,
        "pages/upstream_finish.html",
        &context,
    )
}
