//! `/recover`: asking for a letter with which a new password is chosen. What it answers is the same
//! for every address.

use poem::http::StatusCode;
use serde::Serialize;

use super::forms::{FieldError, NOT_TAKEN, sentence};
use crate::{
    accounts::recover::{self, Onward},
    authorization,
    http::kit::{
        errand::{self, Errand},
        follow::in_flow,
        page::{Page, Shown, Visit},
        page_error::PageError,
        page_form::PageForm,
    },
    paths,
};

pub struct Recover;

/// The context of `pages/recover.html`.
#[derive(Debug, Serialize)]
struct RecoverPage {
    csrf: String,
    flow: Option<String>,
    errors: Vec<FieldError>,
    /// What stands in the field.
    email: String,
    /// To whom a letter is on its way, if there is such a person.
    sent: Option<String>,
    login_href: String,
    again_href: String,
}

impl Page for Recover {
    async fn show(&self, visit: Visit) -> Shown {
        let flow = still_open(&visit, visit.query.get("flow")).await?;
        let own = visit.visitor.signed_in.as_ref();
        let own = own.map(|own| own.user.email.clone()).unwrap_or_default();
        page(&visit, flow, Said::Ask(own, vec![]))
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let flow = still_open(&visit, form.flow()).await?;
        let typed = form.field("email");
        let onward = Onward {
            flow: flow.as_deref(),
            callback: None,
        };
        match recover::ask(&visit.app, typed, onward, &visit.visitor.browser).await {
            Ok(()) => page(&visit, flow, Said::Sent(typed.trim().to_owned())),
            Err(error) => {
                let errors = vec![sentence(error, "")?];
                page(&visit, flow, Said::Ask(typed.to_owned(), errors))
            }
        }
    }
}

/// What the page says.
enum Said {
    /// The form, with this in the field.
    Ask(String, Vec<FieldError>),
    /// That a letter may be on its way to this address.
    Sent(String),
}

fn page(visit: &Visit, flow: Option<String>, said: Said) -> Shown {
    let way = |path: &str| match &flow {
        Some(flow) => in_flow(path, flow),
        None => path.to_owned(),
    };
    let (email, errors, sent) = match said {
        Said::Ask(email, errors) => (email, errors, None),
        Said::Sent(to) => (String::new(), vec![], Some(to)),
    };
    let status = match errors.is_empty() {
        true => StatusCode::OK,
        false => NOT_TAKEN,
    };
    let context = RecoverPage {
        csrf: visit.csrf(flow.as_deref()),
        errors,
        email,
        sent,
        login_href: way(paths::LOGIN),
        again_href: way(paths::RECOVER),
        flow,
    };
    visit.render(status, "pages/recover.html", &context)
}

/// The flow, if this browser can still go on with it. A new password is of use without one too, so
/// one that has become too old stops nobody.
pub(super) async fn still_open(
    visit: &Visit,
    flow: Option<&str>,
) -> Result<Option<String>, PageError> {
    let Some(flow) = flow else {
        return Ok(None);
    };
    let (app, visitor) = (&visit.app, &visit.visitor);
    let is_open = match errand::page_of(flow) {
        Some(_) => Errand::open(app, flow, visitor).is_some(),
        None => authorization::open(app, flow, &visitor.digest)
            .await?
            .is_ok(),
    };
    Ok(is_open.then(|| flow.to_owned()))
}
