//! The letters about what guards an account: another address, and the way out and back.

use entity::value::LetterKind;
use serde::Serialize;

use crate::mail::Template;

/// Asks a person to confirm a new address. Without a name: it may be a stranger's mailbox.
#[derive(Debug, Serialize)]
pub struct ChangeEmail<'a> {
    pub issuer: &'a str,
    /// The new address.
    pub email: &'a str,
    /// Leads to a page that asks; opening it changes nothing.
    pub link: String,
    /// Six digits, for who reads the letter on another device.
    pub code: String,
    /// When both die, in words.
    pub expires: String,
    pub browser: String,
    pub place: &'a str,
}

/// Tells a person, at the address before, that it was changed.
#[derive(Debug, Serialize)]
pub struct EmailChanged<'a> {
    pub issuer: &'a str,
    /// The address before.
    pub email: &'a str,
    pub new_email: &'a str,
    /// When, in words.
    pub at: String,
    pub browser: String,
    pub place: &'a str,
}

/// Tells a person that the account will be removed, with the way back.
#[derive(Debug, Serialize)]
pub struct AccountLeaving<'a> {
    pub issuer: &'a str,
    pub email: &'a str,
    /// Leads to a page that asks; opening it changes nothing.
    pub link: String,
    /// When the account goes, and the link with it, in words.
    pub leaves: String,
    pub browser: String,
    pub place: &'a str,
}

impl Template for ChangeEmail<'_> {
    const KIND: LetterKind = LetterKind::ChangeEmail;
    const NAME: &'static str = "change_email";

    fn subject(&self) -> String {
        "Confirm your new e-mail address".to_owned()
    }
}

impl Template for EmailChanged<'_> {
    const KIND: LetterKind = LetterKind::EmailChanged;
    const NAME: &'static str = "email_changed";

    fn subject(&self) -> String {
        "Your e-mail address was changed".to_owned()
    }
}

impl Template for AccountLeaving<'_> {
    const KIND: LetterKind = LetterKind::AccountLeaving;
    const NAME: &'static str = "account_leaving";

    fn subject(&self) -> String {
        "Your account will be deleted".to_owned()
    }
}
