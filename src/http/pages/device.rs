//! `/device`: where a person answers for a device (RFC 8628 §3.3). Opening a code is one step and
//! answering it another, also for who comes by a link that holds the code: each needs a button.

use poem::http::StatusCode;
use serde::Serialize;

use super::{
    client::ShownClient,
    forms::{FieldError, NOT_TAKEN},
    scopes::{Wanted, wanted},
    words,
};
use crate::{
    app::App,
    crypto::secret::user_code::UserCode,
    devices::{self, Opened, Opening, Seen},
    http::kit::{
        errand::Errand,
        follow::in_flow,
        page::{Page, Shown, Visit},
        page_error::{PageError, see_other},
        page_form::PageForm,
    },
    paths,
    sessions::SignedIn,
};

pub struct Device;

/// The context of `pages/device.html`: the code to be typed, or what has become of it.
#[derive(Debug, Serialize)]
struct DevicePage {
    csrf: String,
    state: State,
    /// What was typed, or what the link holds.
    user_code: String,
    errors: Vec<FieldError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ask,
    InUse,
    Approved,
    Denied,
    Expired,
}

/// The context of `pages/device_confirm.html`.
#[derive(Debug, Serialize)]
struct ConfirmPage {
    csrf: String,
    client: ShownClient,
    user: Person,
    /// To come back after signing in as somebody else.
    flow: String,
    user_code: String,
    /// Where and when the device asked.
    ip: String,
    asked_at: String,
    scopes: Vec<Wanted>,
    /// Where the client will use it, and whether that is new.
    resources: Vec<String>,
    elsewhere: bool,
    remembered: bool,
}

#[derive(Debug, Serialize)]
struct Person {
    email: String,
    name: Option<String>,
}

impl Page for Device {
    async fn show(&self, visit: Visit) -> Shown {
        is_on(&visit.app)?;
        let typed = typed(&visit);
        let Some(signed_in) = visit.visitor.signed_in.clone() else {
            return sign_in(&visit, typed);
        };
        let Some(code) = visit.app.secrets.user_code(&typed) else {
            return page(&visit, State::Ask, typed, vec![]);
        };
        match devices::seen(&visit.app, &code.digest, &signed_in).await? {
            // Nobody has opened it here. The link alone must not: a stranger may have sent it.
            Seen::Nothing => page(&visit, State::Ask, code.shown, vec![]),
            Seen::Waiting(opened) => confirm(&visit, *opened, signed_in, code),
            Seen::Approved => page(&visit, State::Approved, String::new(), vec![]),
            Seen::Denied => page(&visit, State::Denied, String::new(), vec![]),
            Seen::Expired => page(&visit, State::Expired, String::new(), vec![]),
        }
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let app = &visit.app;
        is_on(app)?;
        let typed: String = form.field("user_code").chars().take(64).collect();
        let Some(signed_in) = visit.visitor.signed_in.clone() else {
            return sign_in(&visit, typed);
        };
        let Some(code) = app.secrets.user_code(&typed) else {
            let errors = wrong("The code has eight letters, like WDJB-MJHT, and no digits.");
            return page(&visit, State::Ask, typed, errors);
        };
        match form.field("decision") {
            "approve" => devices::approve(app, &code.digest, &signed_in).await?,
            "deny" => devices::deny(app, &code.digest, &signed_in).await?,
            "" => {
                let ip = visit.visitor.browser.ip.as_deref();
                match devices::open(app, &code.digest, &signed_in, ip).await? {
                    Opening::Opened => {}
                    Opening::InUse => return page(&visit, State::InUse, String::new(), vec![]),
                    Opening::Wrong => {
                        let errors = wrong(
                            "This code is wrong or has expired. Compare it with the device, or let the device show a new one.",
                        );
                        return page(&visit, State::Ask, typed, errors);
                    }
                    Opening::TooOften(often) => {
                        return Err(PageError::TooOften(often.retry_after));
                    }
                }
            }
            _ => {
                let why = "neither Allow nor Deny was chosen".to_owned();
                return Err(PageError::Unreadable(StatusCode::BAD_REQUEST, why));
            }
        }
        // The page that comes next says what has become of the code, also after a reload.
        Ok(see_other(&format!(
            "{}?user_code={}",
            paths::DEVICE,
            code.shown
        )))
    }
}

/// What is switched off is not there.
fn is_on(app: &App) -> Result<(), PageError> {
    match app.config.features.device_flow {
        true => Ok(()),
        false => Err(PageError::NotFound),
    }
}

/// The code that the address holds, or the errand with which somebody comes back from signing in.
fn typed(visit: &Visit) -> String {
    let errand = visit.query.get("flow");
    let errand = errand.and_then(|flow| Errand::open(&visit.app, flow, &visit.visitor));
    let returning = errand.and_then(|errand| match errand {
        Errand::Device { user_code } => user_code,
        _ => None,
    });
    let typed = returning.or_else(|| visit.query.get("user_code").map(str::to_owned));
    typed.unwrap_or_default().chars().take(64).collect()
}

/// Somebody has to be signed in first; the code comes along.
fn sign_in(visit: &Visit, typed: String) -> Shown {
    let flow = errand(visit, &typed)?;
    let mut response = see_other(&in_flow(paths::LOGIN, &flow));
    visit.visitor.greet(&visit.app, &mut response);
    Ok(response)
}

fn errand(visit: &Visit, typed: &str) -> Result<String, PageError> {
    let code = visit.app.secrets.user_code(typed);
    let user_code = code.map(|code| code.shown);
    Errand::Device { user_code }.seal(&visit.app, &visit.visitor)
}

fn wrong(message: &'static str) -> Vec<FieldError> {
    let field = "user-code";
    vec![FieldError { field, message }]
}

fn page(visit: &Visit, state: State, user_code: String, errors: Vec<FieldError>) -> Shown {
    let status = match state {
        State::Ask if !errors.is_empty() => NOT_TAKEN,
        State::InUse => StatusCode::CONFLICT,
        State::Expired => StatusCode::GONE,
        State::Ask | State::Approved | State::Denied => StatusCode::OK,
    };
    let context = DevicePage {
        csrf: visit.csrf(None),
        state,
        user_code,
        errors,
    };
    visit.render(status, "pages/device.html", &context)
}

fn confirm(visit: &Visit, opened: Opened, signed_in: SignedIn, code: UserCode) -> Shown {
    let Opened {
        client,
        row,
        before,
        resources,
        elsewhere,
    } = opened;
    let context = ConfirmPage {
        csrf: visit.csrf(None),
        client: ShownClient::alone(&client),
        flow: errand(visit, &code.shown)?,
        user: Person {
            email: signed_in.user.email,
            name: signed_in.user.name,
        },
        user_code: code.shown,
        ip: row.ip.unwrap_or_else(|| "an unknown address".to_owned()),
        asked_at: words::time(row.created_at),
        scopes: wanted(&row.scope, before.as_ref()),
        remembered: before.is_some(),
        resources,
        elsewhere,
    };
    visit.render(StatusCode::OK, "pages/device_confirm.html", &context)
}
