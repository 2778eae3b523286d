//! `/account/delete`: leaving. The page that comes next says when the account goes, and keeps it for
//! whoever changes their mind.

use serde::Serialize;

use super::{
    frame::{Place, Sheet},
    proven,
};
use crate::{
    accounts::removal,
    http::{
        kit::{
            cookies::Cookie,
            errand::Errand,
            follow::in_flow,
            page::{Page, Shown, Visit},
            page_error::see_other,
            page_form::PageForm,
        },
        pages::{forms::FieldError, words},
    },
    paths,
};

pub struct Delete;

const SHEET: Sheet = Sheet {
    place: Place::Security,
    title: "Delete your account",
    template: "pages/account/delete.html",
};

/// The context of `pages/account/delete.html`.
#[derive(Debug, Serialize)]
struct DeletePage<'a> {
    email: &'a str,
    /// When it would go; none if at once.
    leaves: Option<String>,
}

impl Page for Delete {
    async fn show(&self, visit: Visit) -> Shown {
        page(&visit, &[])
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let own = proven(&visit)?;
        if form.field("understand") != "yes" {
            let error = FieldError {
                field: "understand",
                message: "Tick the box to say that you understand what happens.",
            };
            return page(&visit, &[error]);
        }
        let app = &visit.app;
        let user_id = own.user.id;
        removal::ask(app, own, &visit.visitor.browser).await?;
        let keep = Errand::Keep {
            user_id,
            flow: None,
        };
        let keep = keep.seal(app, &visit.visitor)?;
        let mut response = see_other(&in_flow(paths::KEEP_ACCOUNT, &keep));
        Cookie::Session.clear(app, &mut response);
        Ok(response)
    }
}

fn page(visit: &Visit, errors: &[FieldError]) -> Shown {
    let own = proven(visit)?;
    let grace = visit.app.config.accounts.removal();
    let context = DeletePage {
        email: &own.user.email,
        leaves: (!grace.is_zero()).then(|| words::time(visit.app.clock.now() + grace)),
    };
    SHEET.show(visit, errors, &context)
}
