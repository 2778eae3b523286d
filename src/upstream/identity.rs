//! Who somebody is, by the word of a provider.

use entity::value::StandardClaims;
use serde::{Deserialize, Serialize};

use crate::accounts::email;

/// A person as a provider knows them. `provider`, `issuer` and `subject` say who it is; all the rest
/// is hearsay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The name of the provider in the settings.
    pub provider: String,
    pub issuer: String,
    pub subject: String,
    pub email: Option<Address>,
    /// What to call them on a page and in a letter.
    pub display: String,
    pub name: Option<String>,
    pub picture: Option<String>,
    pub claims: StandardClaims,
}

/// An address that came along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Canonical.
    pub email: String,
    pub proof: Proof,
}

/// How sure it is that the person reads the mail of their address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// The provider vouches for it where it says who the person is.
    Signed,
    /// It vouches for it elsewhere. That is enough for somebody new, and not for finding somebody.
    Told,
    /// Nobody vouches for it.
    Nothing,
}

/// The longest subject (OpenID Connect Core §2).
const LONGEST: usize = 255;

/// A subject that can be kept.
pub(super) fn subject(text: &str) -> Option<String> {
    let fits = !text.is_empty()
        && text.len() <= LONGEST
        && !text.chars().any(|c| c.is_control() || !c.is_ascii());
    fits.then(|| text.to_owned())
}

/// An address that mail can be sent to; what is none was not said.
pub(super) fn address(text: &str, proof: Proof) -> Option<Address> {
    let email = email::canonical(text).ok()?;
    Some(Address { email, proof })
}

/// The first of these that can be shown.
pub(super) fn display(of: &[Option<&str>], subject: &str) -> String {
    let shown = of
        .iter()
        .flatten()
        .find(|text| !text.trim().is_empty() && entity::value::is_showable(text, 200));
    shown.map_or_else(|| subject.to_owned(), |text| text.trim().to_owned())
}
