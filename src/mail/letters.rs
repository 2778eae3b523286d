//! The letters, one struct per template pair.

mod provider;

use entity::value::LetterKind;
use serde::Serialize;

pub use provider::{ProviderCode, ProviderFacts, ProviderLinked, ProviderUnlinked};

use super::Template;

/// Asks a person to confirm an address.
#[derive(Debug, Serialize)]
pub struct VerifyEmail<'a> {
    pub issuer: &'a str,
    pub name: Option<&'a str>,
    pub email: &'a str,
    /// Leads to a page that asks; opening it changes nothing.
    pub link: String,
    /// When the link dies, in words.
    pub expires: String,
    /// The browser that asked.
    pub browser: String,
    /// The address from which it asked.
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

impl Template for VerifyEmail<'_> {
    const KIND: LetterKind = LetterKind::VerifyEmail;
    const NAME: &'static str = "verify_email";

    fn subject(&self) -> String {
        "Confirm your e-mail address".to_owned()
    }
}

impl Template for PasswordChanged<'_> {
    const KIND: LetterKind = LetterKind::PasswordChanged;
    const NAME: &'static str = "password_changed";

    fn subject(&self) -> String {
        "Your password was changed".to_owned()
    }
}
