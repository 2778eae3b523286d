//! `/register/confirm`: where somebody who signs up proves the address, by the code of a letter or by
//! its link. The page waits in the same way for a letter that leads nowhere from here, because the
//! address belongs to somebody.

use entity::verification_token::Model;
use poem::http::StatusCode;
use serde::Serialize;
use uuid::Uuid;

use super::{closed, login_href};
use crate::{
    accounts::newcomer::{self, Confirmed, Opened},
    http::{
        kit::{
            callback::{Onward, lets_on},
            errand::Errand,
            follow::in_flow,
            page::{Page, Shown, Visit},
            page_error::{PageError, see_other},
            page_form::PageForm,
        },
        pages::{
            client::ShownClient,
            forms::{FieldError, NOT_TAKEN},
            letter_flow::LetterFlow,
            verify_email::{NO_MORE, WRONG, wrong},
        },
    },
    paths,
};

pub struct Confirm;

/// The context of `pages/register_confirm.html`.
#[derive(Debug, Default, Serialize)]
struct ConfirmPage {
    csrf: String,
    /// The errand of the browser that signed up.
    flow: Option<String>,
    client: Option<ShownClient>,
    token: String,
    /// Where a front end wants its reader to go on to.
    onward: Option<Onward>,
    state: State,
    email: String,
    errors: Vec<FieldError>,
    /// Whether a letter was just asked for.
    sent: bool,
    register_href: String,
    login_href: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// A letter was sent: its code.
    Code,
    /// Its link was opened here: the button.
    Ask,
    /// Its link was opened in another browser.
    Elsewhere,
    /// The address has become somebody's meanwhile.
    Taken,
    #[default]
    Dead,
}

impl Page for Confirm {
    async fn show(&self, visit: Visit) -> Shown {
        if !visit.app.config.accounts.sign_up {
            return closed(&visit, None);
        }
        let browser = &visit.visitor.browser;
        if let Some(token) = visit.query.get("token").map(str::to_owned) {
            return match newcomer::peek(&visit.app, &token, browser).await? {
                Opened::Here(row) => ask(visit, token, *row).await,
                Opened::Elsewhere => plain(visit, State::Elsewhere, None).await,
                Opened::Dead => dead(visit).await,
            };
        }
        let flow = visit.query.get("flow").map(str::to_owned);
        let Some((flow, id, email)) = errand(&visit, flow) else {
            return dead(visit).await;
        };
        match newcomer::pending(&visit.app, (id, &email), browser).await? {
            Some(row) => code(visit, flow, row, vec![]).await,
            None => dead(visit).await,
        }
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        if !visit.app.config.accounts.sign_up {
            return closed(&visit, None);
        }
        let (app, browser) = (&visit.app, &visit.visitor.browser);
        let before = visit.visitor.signed_in.as_ref();
        if let Some(token) = form.sent("token") {
            let onward = Onward::of(&visit, Some(&form));
            let confirmed = newcomer::confirm_link(app, token, before, browser).await?;
            return confirmed_page(visit, confirmed, onward).await;
        }
        let flow = form.flow().map(str::to_owned);
        let Some((flow, id, email)) = errand(&visit, flow) else {
            return dead(visit).await;
        };
        let Some(row) = newcomer::pending(app, (id, &email), browser).await? else {
            return dead(visit).await;
        };
        if form.field("action") == "send" {
            return match newcomer::post_again(app, (id, &email), browser).await? {
                // A reload of the page that comes next sends nothing.
                true => Ok(see_other(&format!(
                    "{}&sent=1",
                    in_flow(paths::CONFIRM_SIGN_UP, &flow)
                ))),
                false => dead(visit).await,
            };
        }
        let typed = (id, email.as_str(), form.field("code"));
        match newcomer::confirm_code(app, typed, before, browser).await? {
            Confirmed::Wrong => code(visit, flow, row, wrong(WRONG)).await,
            Confirmed::Dead => code(visit, flow, row, wrong(NO_MORE)).await,
            other => confirmed_page(visit, other, None).await,
        }
    }
}

/// The errand of this browser, with the sign-up and the address that it is about.
fn errand(visit: &Visit, flow: Option<String>) -> Option<(String, Uuid, String)> {
    let flow = flow?;
    match Errand::open(&visit.app, &flow, &visit.visitor)? {
        Errand::SignUp { id, email } => Some((flow, id, email)),
        _ => None,
    }
}

async fn confirmed_page(visit: Visit, confirmed: Confirmed, onward: Option<Onward>) -> Shown {
    match confirmed {
        Confirmed::Welcome(session, flow) => {
            let flow = LetterFlow::of(&visit, flow).await?;
            Ok(flow.welcome(&visit, &session, onward.as_ref()))
        }
        Confirmed::TooOften(often) => Err(PageError::TooOften(often.retry_after)),
        Confirmed::Taken(flow) => plain(visit, State::Taken, flow).await,
        Confirmed::Elsewhere => plain(visit, State::Elsewhere, None).await,
        Confirmed::Wrong | Confirmed::Dead => dead(visit).await,
    }
}

async fn code(visit: Visit, errand: String, row: Model, errors: Vec<FieldError>) -> Shown {
    let flow = LetterFlow::of(&visit, row.flow).await?;
    let status = match errors.is_empty() {
        true => StatusCode::OK,
        false => NOT_TAKEN,
    };
    let page = ConfirmPage {
        flow: Some(errand),
        state: State::Code,
        email: row.identifier,
        errors,
        sent: visit.query.get("sent").is_some(),
        ..ConfirmPage::default()
    };
    render(visit, status, &flow, page)
}

async fn ask(visit: Visit, token: String, row: Model) -> Shown {
    let flow = LetterFlow::of(&visit, row.flow).await?;
    let page = ConfirmPage {
        state: State::Ask,
        email: row.identifier,
        token,
        onward: Onward::of(&visit, None),
        ..ConfirmPage::default()
    };
    render(visit, StatusCode::OK, &flow, page)
}

/// Nothing waits here. Whoever was let in by it, in another tab or a moment ago, goes on.
async fn dead(visit: Visit) -> Shown {
    match visit.visitor.signed_in {
        Some(_) => Ok(see_other(paths::ACCOUNT)),
        None => plain(visit, State::Dead, None).await,
    }
}

async fn plain(visit: Visit, state: State, flow: Option<String>) -> Shown {
    let flow = LetterFlow::of(&visit, flow).await?;
    let status = match state {
        State::Elsewhere => StatusCode::FORBIDDEN,
        State::Taken => StatusCode::CONFLICT,
        State::Code | State::Ask | State::Dead => StatusCode::GONE,
    };
    let page = ConfirmPage {
        state,
        ..ConfirmPage::default()
    };
    render(visit, status, &flow, page)
}

fn render(visit: Visit, status: StatusCode, flow: &LetterFlow, page: ConfirmPage) -> Shown {
    let context = ConfirmPage {
        csrf: visit.csrf(page.flow.as_deref()),
        client: flow.client(),
        register_href: flow.name().map_or_else(
            || paths::REGISTER.to_owned(),
            |flow| in_flow(paths::REGISTER, flow),
        ),
        login_href: login_href(flow.name()),
        ..page
    };
    let visit = lets_on(flow.lets_return(visit), context.onward.as_ref());
    visit.render(status, "pages/register_confirm.html", &context)
}
