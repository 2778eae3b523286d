//! `/account/email`: another address. A letter goes there first; its link, or its code typed here,
//! proves that it is the person's.

use poem::Response;
use serde::Serialize;

use super::{
    done::Done,
    frame::{Place, Sheet},
    proven,
};
use crate::{
    accounts::change_email::{self, Asked, Confirmed},
    crypto::secret::Minted,
    http::{
        kit::{
            callback::Onward,
            page::{Page, Shown, Visit},
            page_error::{PageError, see_other},
            page_form::PageForm,
        },
        pages::{
            forms::{FieldError, sentence},
            words,
        },
    },
    paths,
};

pub struct Email;

const SHEET: Sheet = Sheet {
    place: Place::Security,
    title: "Change your e-mail address",
    template: "pages/account/email.html",
};

/// The context of `pages/account/email.html`.
#[derive(Debug, Serialize)]
struct EmailPage<'a> {
    email: &'a str,
    email_verified: bool,
    waiting: Option<Waiting>,
    /// What was typed, where it was not taken.
    typed: &'a str,
}

/// An address that waits to be proven.
#[derive(Debug, Serialize)]
struct Waiting {
    email: String,
    expires: String,
}

impl Page for Email {
    async fn show(&self, visit: Visit) -> Shown {
        page(&visit, "", &[]).await
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let own = proven(&visit)?;
        let (app, browser) = (&visit.app, &visit.visitor.browser);
        if let Some(code) = form.sent("code") {
            let confirmed = change_email::confirm_code(app, code, own, browser).await?;
            let message = match confirmed {
                Confirmed::Done(session) => return Ok(changed(&visit, &session, None)),
                // Signed out a moment ago.
                Confirmed::NotYours => return Ok(see_other(paths::ACCOUNT_EMAIL)),
                Confirmed::TooOften(often) => return Err(PageError::TooOften(often.retry_after)),
                Confirmed::Wrong => "The code is wrong. Compare it with the newest letter.",
                Confirmed::Taken => "This address belongs to another account by now.",
                Confirmed::Dead => {
                    "This code no longer works: it was typed wrong too often, or has expired. Ask for a new letter."
                }
            };
            let field = match change_email::pending(app, own.user.id).await? {
                Some(_) => "code",
                None => "",
            };
            return page(&visit, "", &[FieldError { field, message }]).await;
        }
        let typed = form.field("email");
        let error = match change_email::ask(app, own, (typed, None), browser).await {
            // The page says where the letter went; a reload of it sends none.
            Ok(Asked::Sent) => return Ok(see_other(paths::ACCOUNT_EMAIL)),
            Ok(Asked::Own) => FieldError {
                field: "email",
                message: "This is your address already.",
            },
            Err(error) => sentence(error, "")?,
        };
        page(&visit, typed, &[error]).await
    }
}

async fn page(visit: &Visit, typed: &str, errors: &[FieldError]) -> Shown {
    let user = &proven(visit)?.user;
    let waiting = change_email::pending(&visit.app, user.id).await?;
    let context = EmailPage {
        email: &user.email,
        email_verified: user.email_verified.is_some(),
        waiting: waiting.map(|pending| Waiting {
            email: pending.email,
            expires: words::time(pending.expires),
        }),
        typed,
    };
    SHEET.show(visit, errors, &context)
}

/// The address is changed, and this browser has a new cookie. Leads on to where a front end wants it,
/// if there is one.
pub fn changed(visit: &Visit, session: &Minted, onward: Option<&Onward>) -> Response {
    let mut response = onward.map_or_else(|| Done::Email.told(), |to| see_other(&to.url));
    visit
        .visitor
        .welcome_again(&visit.app, &mut response, session);
    response
}
