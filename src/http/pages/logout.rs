//! `/logout`: signing this browser out; for somebody who follows a link, after a question.

use poem::http::StatusCode;
use serde::Serialize;

use crate::{
    http::kit::{
        follow::{follow_logout, resume, way_on},
        page::{Page, Shown, Visit},
        page_error::see_other,
        page_form::PageForm,
    },
    logout, paths,
};

/// `/logout`, our own button and link.
pub struct Logout;

/// `/logout/confirm`, where a relying party's request ends that does not prove whom it is about.
pub struct Confirm;

/// `/logout/done`, the last page.
pub struct Done;

/// The context of `pages/logout_confirm.html`.
#[derive(Debug, Serialize)]
struct ConfirmPage {
    csrf: String,
    /// The sign-in that goes on with another account afterwards.
    flow: Option<String>,
    /// Where it goes on for who changes their mind.
    stay_href: String,
    user: Option<Person>,
}

#[derive(Debug, Serialize)]
struct Person {
    email: String,
}

/// The context of `pages/logout_done.html`.
#[derive(Debug, Serialize)]
struct DonePage {}

impl Page for Logout {
    async fn show(&self, visit: Visit) -> Shown {
        match (&visit.visitor.signed_in, visit.query.get("flow")) {
            (Some(_), _) => question(&visit),
            (None, Some(flow)) => Ok(resume(flow)),
            (None, None) => Ok(see_other(paths::LOGOUT_DONE)),
        }
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        sign_out(&visit, form.flow()).await
    }
}

impl Page for Confirm {
    async fn show(&self, visit: Visit) -> Shown {
        question(&visit)
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        sign_out(&visit, form.flow()).await
    }
}

impl Page for Done {
    async fn show(&self, visit: Visit) -> Shown {
        match visit.visitor.signed_in {
            // Whoever is led here by a link alone must not believe to be signed out.
            Some(_) => Ok(see_other(paths::LOGOUT)),
            None => visit.render(StatusCode::OK, "pages/logout_done.html", &DonePage {}),
        }
    }
}

fn question(visit: &Visit) -> Shown {
    let flow = visit.query.get("flow");
    let context = ConfirmPage {
        csrf: visit.csrf(flow),
        flow: flow.map(str::to_owned),
        stay_href: flow.map_or_else(|| paths::ACCOUNT.to_owned(), way_on),
        user: visit.visitor.signed_in.as_ref().map(|own| Person {
            email: own.user.email.clone(),
        }),
    };
    visit.render(StatusCode::OK, "pages/logout_confirm.html", &context)
}

/// Signs out; and goes on with the flow in which somebody else wants to sign in, if there is one.
async fn sign_out(visit: &Visit, flow: Option<&str>) -> Shown {
    let to = flow.map(way_on);
    let next = logout::confirmed(&visit.app, visit.visitor.leaving(), to).await?;
    follow_logout(&visit.app, next)
}
