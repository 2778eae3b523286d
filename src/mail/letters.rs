//! The letters: what each says, beside what all of them do. Each has a template pair of its name.

use entity::value::LetterKind;
use serde::Serialize;

/// What every letter says: to whom, from whom, and who asked for it.
#[derive(Clone, Debug, Serialize)]
pub struct Envelope<'a> {
    pub issuer: &'a str,
    /// The address that it goes to.
    pub email: &'a str,
    /// The browser that asked, as people call it.
    pub browser: String,
    /// The address from which it asked.
    pub place: &'a str,
}

/// What one letter says. None says a name: a stranger may have chosen it. A `link` leads to a page that
/// asks, so opening it changes nothing; a `code` is six digits, for who reads the letter on another
/// device. Times are in words.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Message<'a> {
    /// Asks a person to confirm an address.
    VerifyEmail {
        link: String,
        code: String,
        expires: String,
    },
    /// Asks somebody who signs up to confirm the address; without it there will be no account.
    SignUp {
        /// Works only in the browser that asked.
        link: String,
        code: String,
        expires: String,
    },
    /// Tells the owner of an account that somebody wants its address.
    AddressTaken {
        /// The sign-in page.
        link: String,
        /// The page for who has forgotten the password.
        recover: String,
        at: String,
    },
    /// Leads to a page for a new password.
    Recover { link: String, expires: String },
    /// Tells a person that the password was changed.
    PasswordChanged { at: String },
    /// Asks a person to confirm a new address.
    ChangeEmail {
        link: String,
        code: String,
        expires: String,
    },
    /// Tells a person, at the address before, that it was changed.
    EmailChanged { new_email: &'a str, at: String },
    /// Tells a person that the account will be removed, with the way back.
    AccountLeaving {
        link: String,
        /// When the account goes, and the link with it.
        leaves: String,
    },
}

impl Message<'_> {
    /// Its kind, the name of its pair `mail/NAME.txt`, `mail/NAME.html`, and its subject.
    pub(super) fn face(&self) -> (LetterKind, &'static str, &'static str) {
        match self {
            Self::VerifyEmail { .. } => (
                LetterKind::VerifyEmail,
                "verify_email",
                "Confirm your e-mail address",
            ),
            Self::SignUp { .. } => (LetterKind::SignUp, "sign_up", "Confirm your e-mail address"),
            Self::AddressTaken { .. } => (
                LetterKind::AddressTaken,
                "address_taken",
                "You have an account already",
            ),
            Self::Recover { .. } => (LetterKind::Recover, "recover", "Choose a new password"),
            Self::PasswordChanged { .. } => (
                LetterKind::PasswordChanged,
                "password_changed",
                "Your password was changed",
            ),
            Self::ChangeEmail { .. } => (
                LetterKind::ChangeEmail,
                "change_email",
                "Confirm your new e-mail address",
            ),
            Self::EmailChanged { .. } => (
                LetterKind::EmailChanged,
                "email_changed",
                "Your e-mail address was changed",
            ),
            Self::AccountLeaving { .. } => (
                LetterKind::AccountLeaving,
                "account_leaving",
                "Your account will be deleted",
            ),
        }
    }
}
