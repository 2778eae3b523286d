//! `/account/password`: a new password, for somebody who knows the current one.

use super::{done::Done, own, security};
use crate::{
    accounts::{AccountError, password},
    http::{
        kit::{
            page::{Page, Shown, Visit},
            page_error::see_other,
            page_form::PageForm,
        },
        pages::forms::{FieldError, sentence},
    },
    paths,
};

pub struct Password;

impl Page for Password {
    /// Where a reload of the address leads after a form was not taken.
    async fn show(&self, _: Visit) -> Shown {
        Ok(see_other(paths::ACCOUNT_SECURITY))
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let typed = (form.field("current_password"), form.field("new_password"));
        let changed = password::change(&visit.app, own(&visit)?, typed, &visit.visitor.browser);
        let error = match changed.await {
            Ok(session) => {
                let mut response = Done::Password.told();
                visit
                    .visitor
                    .welcome_again(&visit.app, &mut response, &session);
                return Ok(response);
            }
            // Here it is known whose account it is, so only the password can be wrong.
            Err(AccountError::NotRecognised) => FieldError {
                field: "current-password",
                message: "This is not your current password.",
            },
            Err(error) => sentence(error, "new-password")?,
        };
        security::page(&visit, &[error])
    }
}
