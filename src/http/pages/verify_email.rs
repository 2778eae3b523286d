//! `/verify-email`: where a mailed link leads, and where its code can be typed. Opening a link changes
//! nothing, because mail scanners open links too; the button does, for the owner of the account.

use poem::http::StatusCode;
use serde::Serialize;

use super::{
    client::ShownClient,
    forms::{FieldError, NOT_TAKEN},
    letter_flow::LetterFlow,
};
use crate::{
    accounts::verify::{self, AtTheDoor, Confirmed, Owner},
    http::kit::{
        callback::{Onward, lets_on},
        errand::Errand,
        follow::in_flow,
        page::{Page, Shown, Visit},
        page_error::{PageError, see_other},
        page_form::PageForm,
    },
    paths,
    sessions::SignedIn,
};

pub struct VerifyEmail;

/// The context of `pages/verify_email.html`.
#[derive(Debug, Default, Serialize)]
struct VerifyPage {
    csrf: String,
    /// The errand of who is not signed in.
    flow: Option<String>,
    client: Option<ShownClient>,
    token: String,
    /// Where a front end wants its reader to go on to.
    onward: Option<Onward>,
    state: State,
    email: Option<String>,
    errors: Vec<FieldError>,
    /// Whether a letter was just asked for.
    sent: bool,
    /// Signs in, or in as somebody else, and comes back.
    sign_in_href: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// A link was opened: its button.
    Ask,
    /// A letter was sent: its code.
    Code,
    Done,
    /// Somebody must sign in to the account first.
    SignIn,
    #[default]
    Dead,
}

/// Who is at the page, by its address and the session.
enum Visiting {
    Link(String),
    SignedIn(Box<SignedIn>),
    /// With the errand that says so.
    AtTheDoor(AtTheDoor, String),
    Nobody,
}

impl Page for VerifyEmail {
    async fn show(&self, visit: Visit) -> Shown {
        let visiting = match visit.query.get("token") {
            Some(token) => Visiting::Link(token.to_owned()),
            None => visiting(&visit, visit.query.get("flow")),
        };
        match visiting {
            Visiting::Link(token) => match verify::peek(&visit.app, &token).await? {
                Some(row) => ask(visit, token, row).await,
                None => dead(visit),
            },
            Visiting::SignedIn(own) if own.user.email_verified.is_some() => {
                done(visit, own.user.email)
            }
            Visiting::SignedIn(own) => code(visit, None, own.user.email, vec![]).await,
            Visiting::AtTheDoor(stopped, flow) => {
                match verify::at_the_door(&visit.app, stopped).await? {
                    Some(user) => code(visit, Some((stopped, flow)), user.email, vec![]).await,
                    None => dead(visit),
                }
            }
            Visiting::Nobody => dead(visit),
        }
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        if let Some(token) = form.sent("token") {
            let (signed_in, browser) = (visit.visitor.signed_in.as_ref(), &visit.visitor.browser);
            let onward = Onward::of(&visit, Some(&form));
            let confirmed = verify::confirm(&visit.app, token, signed_in, browser).await?;
            return match confirmed {
                Confirmed::NotYours => sign_in(visit, token.to_owned()),
                other => confirmed_page(visit, other, onward).await,
            };
        }
        let (user, door) = match visiting(&visit, form.flow()) {
            Visiting::SignedIn(own) => (Some(own.user), None),
            Visiting::AtTheDoor(stopped, flow) => {
                let user = verify::at_the_door(&visit.app, stopped).await?;
                (user, Some((stopped, flow)))
            }
            Visiting::Link(_) | Visiting::Nobody => (None, None),
        };
        let Some(user) = user else {
            return dead(visit);
        };
        let browser = &visit.visitor.browser;
        if form.field("action") == "send" {
            verify::send_again(&visit.app, (&user, None), browser).await?;
            // A reload of the page that comes next sends nothing.
            return Ok(see_other(&match &door {
                Some((_, flow)) => format!("{}&sent=1", in_flow(paths::VERIFY_EMAIL, flow)),
                None => format!("{}?sent=1", paths::VERIFY_EMAIL),
            }));
        }
        let signed_in = visit.visitor.signed_in.as_ref();
        let owner = match (&door, signed_in) {
            (Some((stopped, _)), before) => Owner::AtTheDoor(*stopped, before),
            (None, Some(own)) => Owner::SignedIn(own),
            (None, None) => Owner::Stranger,
        };
        let typed = form.field("code");
        let confirmed = verify::confirm_code(&visit.app, typed, owner, browser).await?;
        match confirmed {
            Confirmed::Wrong => code(visit, door, user.email, wrong(WRONG)).await,
            Confirmed::Dead => code(visit, door, user.email, wrong(NO_MORE)).await,
            other => confirmed_page(visit, other, None).await,
        }
    }
}

/// Below the field for a code.
pub(super) const WRONG: &str = "The code is wrong. Compare it with the newest letter.";
pub(super) const NO_MORE: &str =
    "This code no longer works: it was typed wrong too often, or has expired. Send a new letter.";

pub(super) fn wrong(message: &'static str) -> Vec<FieldError> {
    let field = "code";
    vec![FieldError { field, message }]
}

fn visiting(visit: &Visit, flow: Option<&str>) -> Visiting {
    let errand = flow.and_then(|flow| Errand::open(&visit.app, flow, &visit.visitor));
    match (errand, flow, &visit.visitor.signed_in) {
        (Some(Errand::VerifyLink { token }), ..) => Visiting::Link(token),
        // Let in meanwhile, in another tab.
        (Some(Errand::AtTheDoor { user_id, .. }), _, Some(own)) if own.user.id == user_id => {
            Visiting::SignedIn(Box::new(own.clone()))
        }
        (Some(Errand::AtTheDoor { user_id, at }), Some(flow), _) => {
            Visiting::AtTheDoor(AtTheDoor { user_id, at }, flow.to_owned())
        }
        (None, None, Some(own)) => Visiting::SignedIn(Box::new(own.clone())),
        _ => Visiting::Nobody,
    }
}

async fn ask(visit: Visit, token: String, row: entity::verification_token::Model) -> Shown {
    let flow = LetterFlow::of(&visit, row.flow).await?;
    let onward = Onward::of(&visit, None);
    let page = VerifyPage {
        client: flow.client(),
        token,
        onward: onward.clone(),
        state: State::Ask,
        email: Some(row.identifier),
        ..VerifyPage::default()
    };
    let visit = lets_on(flow.lets_return(visit), onward.as_ref());
    render(visit, StatusCode::OK, page)
}

async fn code(
    visit: Visit,
    door: Option<(AtTheDoor, String)>,
    email: String,
    errors: Vec<FieldError>,
) -> Shown {
    let flow = match &door {
        Some((stopped, _)) => {
            let row = verify::pending(&visit.app, stopped.user_id).await?;
            let here = row.filter(|row| row.visitor == visit.visitor.browser.device);
            LetterFlow::of(&visit, here.and_then(|row| row.flow)).await?
        }
        None => LetterFlow::default(),
    };
    let status = match errors.is_empty() {
        true => StatusCode::OK,
        false => NOT_TAKEN,
    };
    let page = VerifyPage {
        flow: door.map(|(_, flow)| flow),
        client: flow.client(),
        state: State::Code,
        email: Some(email),
        errors,
        sent: visit.query.get("sent").is_some(),
        ..VerifyPage::default()
    };
    render(flow.lets_return(visit), status, page)
}

fn sign_in(visit: Visit, token: String) -> Shown {
    let errand = Errand::VerifyLink { token }.seal(&visit.app, &visit.visitor)?;
    // Who is signed in has to leave first, and is asked whether they want to.
    let way = match visit.visitor.signed_in {
        Some(_) => paths::LOGOUT,
        None => paths::LOGIN,
    };
    let page = VerifyPage {
        state: State::SignIn,
        sign_in_href: in_flow(way, &errand),
        ..VerifyPage::default()
    };
    render(visit, StatusCode::FORBIDDEN, page)
}

async fn confirmed_page(visit: Visit, confirmed: Confirmed, onward: Option<Onward>) -> Shown {
    match confirmed {
        Confirmed::Done(email) => match onward {
            Some(to) => Ok(see_other(&to.url)),
            None => done(visit, email),
        },
        Confirmed::Welcome(session, flow) => {
            let flow = LetterFlow::of(&visit, flow).await?;
            Ok(flow.welcome(&visit, &session, onward.as_ref()))
        }
        Confirmed::TooOften(often) => Err(PageError::TooOften(often.retry_after)),
        Confirmed::NotYours | Confirmed::Wrong | Confirmed::Dead => dead(visit),
    }
}

fn done(visit: Visit, email: String) -> Shown {
    let page = VerifyPage {
        state: State::Done,
        email: Some(email),
        ..VerifyPage::default()
    };
    render(visit, StatusCode::OK, page)
}

fn dead(visit: Visit) -> Shown {
    render(visit, StatusCode::GONE, VerifyPage::default())
}

fn render(visit: Visit, status: StatusCode, page: VerifyPage) -> Shown {
    let context = VerifyPage {
        csrf: visit.csrf(page.flow.as_deref()),
        ..page
    };
    visit.render(status, "pages/verify_email.html", &context)
}
