//! `/playground`, in development mode: a relying party inside this server. It knows the issuer and
//! its own client id, learns the rest from discovery, and calls the public endpoints over HTTP like
//! any other; no room and no table helps it, so what works here works for everybody.

pub mod again;
pub mod callback;
pub mod start;

mod calls;
mod checks;
mod curl;
mod judge;
mod memory;
mod provider;
mod result;
mod steps;

use entity::value::{OFFLINE_ACCESS, OPENID, STANDARD_SCOPES};
use poem::http::StatusCode;
use serde::Serialize;

use self::memory::Leaving;
use crate::http::kit::page::{Page, Shown, Visit};

/// What the playground is registered as: a public client.
pub const CLIENT_ID: &str = "playground";

/// The scopes that are ticked at first: enough to see every step, the refresh among them.
const TICKED: [&str; 4] = [OPENID, "profile", "email", OFFLINE_ACCESS];

pub struct Playground;

/// The context of `pages/playground.html`.
#[derive(Debug, Serialize)]
struct PlaygroundPage {
    csrf: String,
    authorize_form: AuthorizeForm,
    curl: String,
    notice: Option<Notice>,
}

#[derive(Debug, Serialize)]
struct AuthorizeForm {
    scopes: Vec<Choice>,
}

#[derive(Debug, Serialize)]
struct Choice {
    name: &'static str,
    checked: bool,
}

/// What a person who comes back from signing out is told.
#[derive(Debug, Serialize)]
struct Notice {
    ok: bool,
    text: &'static str,
}

impl Page for Playground {
    async fn show(&self, visit: Visit) -> Shown {
        let scopes = STANDARD_SCOPES.map(|name| Choice {
            name,
            checked: TICKED.contains(&name),
        });
        let context = PlaygroundPage {
            csrf: visit.csrf(None),
            authorize_form: AuthorizeForm {
                scopes: scopes.into(),
            },
            curl: curl::by_hand(&visit.app),
            notice: visit.query.get("state").map(|state| back(&visit, state)),
        };
        // Where the page was opened by another name of this machine, such as 127.0.0.1, the answer
        // to its form leads to the issuer's origin.
        let issuer = visit.app.config.server.issuer.clone();
        let visit = visit.may_return_to(&issuer);
        visit.render(StatusCode::OK, "pages/playground.html", &context)
    }
}

/// Judges the state with which the end-session endpoint sends a person back (OpenID Connect
/// RP-Initiated Logout 1.0 §3).
fn back(visit: &Visit, state: &str) -> Notice {
    let ours = memory::open::<Leaving>(&visit.app, state)
        .is_some_and(|leaving| leaving.is_of(visit, visit.app.clock.now()));
    match ours {
        true => Notice {
            ok: true,
            text: "You are signed out, and the state that the playground sent came back with you.",
        },
        false => Notice {
            ok: false,
            text: "The state in this address is not one that the playground gave this browser: somebody else may have made the link.",
        },
    }
}
