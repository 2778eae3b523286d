//! The letters by which somebody proves that a mailbox is theirs, and the one to who has proven it
//! before. None of them says a name: a stranger may have chosen it.

use entity::value::LetterKind;
use serde::Serialize;

use crate::mail::Template;

/// Asks a person to confirm an address.
#[derive(Debug, Serialize)]
pub struct VerifyEmail<'a> {
    pub issuer: &'a str,
    pub email: &'a str,
    /// Leads to a page that asks; opening it changes nothing.
    pub link: String,
    /// Six digits, for who reads the letter on another device.
    pub code: String,
    /// When both die, in words.
    pub expires: String,
    /// The browser that asked.
    pub browser: String,
    /// The address from which it asked.
    pub place: &'a str,
}

/// Asks somebody who signs up to confirm the address; without it there will be no account.
#[derive(Debug, Serialize)]
pub struct SignUp<'a> {
    pub issuer: &'a str,
    pub email: &'a str,
    /// Works only in the browser that asked; opening it changes nothing.
    pub link: String,
    pub code: String,
    /// When both die, in words.
    pub expires: String,
    pub browser: String,
    pub place: &'a str,
}

/// Tells the owner of an account that somebody signed up with its address.
#[derive(Debug, Serialize)]
pub struct AddressTaken<'a> {
    pub issuer: &'a str,
    pub email: &'a str,
    /// The sign-in page.
    pub link: String,
    /// The page for who has forgotten the password.
    pub recover: String,
    /// When it was asked, in words.
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

impl Template for SignUp<'_> {
    const KIND: LetterKind = LetterKind::SignUp;
    const NAME: &'static str = "sign_up";

    fn subject(&self) -> String {
        "Confirm your e-mail address".to_owned()
    }
}

impl Template for AddressTaken<'_> {
    const KIND: LetterKind = LetterKind::AddressTaken;
    const NAME: &'static str = "address_taken";

    fn subject(&self) -> String {
        "You have an account already".to_owned()
    }
}
