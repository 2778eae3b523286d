//! `/account/security`: the password, and the ways to change the address, take a copy of one's data
//! and leave.

use serde::Serialize;

use super::{
    frame::{Place, Sheet},
    own,
};
use crate::http::{
    kit::page::{Page, Shown, Visit},
    pages::forms::FieldError,
};

pub struct Security;

const SHEET: Sheet = Sheet {
    place: Place::Security,
    title: "Security",
    template: "pages/account/security.html",
};

/// The context of `pages/account/security.html`.
#[derive(Debug, Serialize)]
struct SecurityPage<'a> {
    email: &'a str,
    email_verified: bool,
    has_password: bool,
}

impl Page for Security {
    async fn show(&self, visit: Visit) -> Shown {
        page(&visit, &[])
    }
}

/// The page, with what is wrong with the form for the password.
pub(super) fn page(visit: &Visit, errors: &[FieldError]) -> Shown {
    let user = &own(visit)?.user;
    let context = SecurityPage {
        email: &user.email,
        email_verified: user.email_verified.is_some(),
        has_password: user.password_hash.is_some(),
    };
    SHEET.show(visit, errors, &context)
}
