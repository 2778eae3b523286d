//! What was done on an account page, told by the page that comes after.

use poem::Response;

use crate::{http::kit::page_error::see_other, paths};

/// What was done. The query of the next page names it, and anybody can write a link with a query:
/// so it can only choose one of these sentences, and only on the page that it is about.
#[derive(Clone, Copy, Debug)]
pub(in crate::http::pages) enum Done {
    Profile,
    Password,
    Letter,
    Session,
    Others,
    App,
    Email,
    Linked,
    Unlinked,
}

impl Done {
    const ALL: [Self; 9] = [
        Self::Profile,
        Self::Password,
        Self::Letter,
        Self::Session,
        Self::Others,
        Self::App,
        Self::Email,
        Self::Linked,
        Self::Unlinked,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Password => "password",
            Self::Letter => "letter",
            Self::Session => "session",
            Self::Others => "others",
            Self::App => "app",
            Self::Email => "email",
            Self::Linked => "linked",
            Self::Unlinked => "unlinked",
        }
    }

    /// The page that tells it.
    fn page(self) -> &'static str {
        match self {
            Self::Profile => paths::ACCOUNT_PROFILE,
            Self::Password | Self::Email => paths::ACCOUNT_SECURITY,
            Self::Letter => paths::ACCOUNT,
            Self::Session | Self::Others => paths::ACCOUNT_SESSIONS,
            Self::App => paths::ACCOUNT_APPS,
            Self::Linked | Self::Unlinked => paths::ACCOUNT_LINKED,
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
            Self::Email => {
                "Your e-mail address is changed. Other browsers and all apps have to sign in again."
            }
            Self::Linked => "The account is linked. You can sign in with it from now on.",
            Self::Unlinked => "The account is not linked any more. You stay signed in.",
        }
    }

    /// To the page that then says what was done; a reload of it sends no form again.
    pub(in crate::http::pages) fn told(self) -> Response {
        see_other(&format!("{}?done={}", self.page(), self.name()))
    }
}

/// What the page at `path` says for a word of its query.
pub(super) fn sentence(word: &str, path: &str) -> Option<&'static str> {
    let done = Done::ALL.into_iter().find(|done| done.name() == word);
    done.filter(|done| done.page() == path).map(Done::sentence)
}
