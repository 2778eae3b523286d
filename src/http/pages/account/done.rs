//! What was done on the account page, told by the page that comes after.

use poem::Response;

use crate::{http::kit::page_error::see_other, paths};

/// What was done. The query of the next page names it, and anybody can write a link with a query:
/// so it can only choose one of these sentences.
#[derive(Clone, Copy, Debug)]
pub(super) enum Done {
    Profile,
    Password,
    Letter,
    Session,
    Others,
    App,
}

impl Done {
    const ALL: [Self; 6] = [
        Self::Profile,
        Self::Password,
        Self::Letter,
        Self::Session,
        Self::Others,
        Self::App,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Password => "password",
            Self::Letter => "letter",
            Self::Session => "session",
            Self::Others => "others",
            Self::App => "app",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Profile => "Your profile is saved.",
            Self::Password => {
                "Your password is changed. Other browsers and all apps have to sign in again."
            }
            Self::Letter => "If your address is not confirmed yet, a new letter is on its way.",
            Self::Session => "That browser is no longer signed in to your account.",
            Self::Others => {
                "No other browser is signed in to your account. Apps have to sign in again."
            }
            Self::App => "That app has no access to your account.",
        }
    }

    /// Back to the account, which then says what was done; a reload of it sends no form again.
    pub(super) fn told(self) -> Response {
        see_other(&format!("{}?done={}", paths::ACCOUNT, self.name()))
    }
}

/// What the page says for a word of its query.
pub(super) fn sentence(word: &str) -> Option<&'static str> {
    let done = Done::ALL.into_iter().find(|done| done.name() == word);
    done.map(Done::sentence)
}
