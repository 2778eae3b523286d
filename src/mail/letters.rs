//! The letters, one struct per template pair.

mod guarding;
mod proof;

use entity::value::LetterKind;
use serde::Serialize;

pub use guarding::{AccountLeaving, ChangeEmail, EmailChanged};
pub use proof::{AddressTaken, SignUp, VerifyEmail};

use super::Template;

/// Leads to a page for a new password.
#[derive(Debug, Serialize)]
pub struct Recover<'a> {
    pub issuer: &'a str,
    pub email: &'a str,
    /// Leads to a page that asks for the password; opening it changes nothing.
    pub link: String,
    /// When the link dies, in words.
    pub expires: String,
    pub browser: String,
    pub place: &'a str,
}

/// Tells a person that the password was changed.
#[derive(Debug, Serialize)]
pub struct PasswordChanged<'a> {
    pub issuer: &'a str,
    pub name: Option<&'a str>,
    pub email: &'a str,
    /// When, in words.
    pub at: String,
    pub browser: String,
    pub place: &'a str,
}

impl Template for Recover<'_> {
    const KIND: LetterKind = LetterKind::Recover;
    const NAME: &'static str = "recover";

    fn subject(&self) -> String {
        "Choose a new password".to_owned()
    }
}

impl Template for PasswordChanged<'_> {
    const KIND: LetterKind = LetterKind::PasswordChanged;
    const NAME: &'static str = "password_changed";

    fn subject(&self) -> String {
        "Your password was changed".to_owned()
    }
}
