//! Letters about providers at which people sign in.

use entity::value::LetterKind;
use serde::Serialize;

use crate::mail::Template;

/// What a letter about a way in says.
#[derive(Debug, Serialize)]
pub struct ProviderFacts<'a> {
    pub issuer: &'a str,
    pub email: &'a str,
    /// What people call the provider.
    pub provider: &'a str,
    /// What the person is called there.
    pub display: &'a str,
    /// When, in words.
    pub at: String,
    pub browser: String,
    pub place: &'a str,
}

/// Tells a person that they can sign in with a provider from now on.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct ProviderLinked<'a>(pub ProviderFacts<'a>);

/// Tells a person that they cannot sign in with a provider any more.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct ProviderUnlinked<'a>(pub ProviderFacts<'a>);

/// Asks somebody who comes from a provider to prove an address by a code.
#[derive(Debug, Serialize)]
pub struct ProviderCode<'a> {
    pub issuer: &'a str,
    pub email: &'a str,
    pub provider: &'a str,
    pub display: &'a str,
    pub code: &'a str,
    /// When the code dies, in words.
    pub expires: String,
    pub browser: String,
    pub place: &'a str,
}

impl Template for ProviderLinked<'_> {
    const KIND: LetterKind = LetterKind::ProviderLinked;
    const NAME: &'static str = "provider_linked";

    fn subject(&self) -> String {
        format!("You can sign in with {} now", self.0.provider)
    }
}

impl Template for ProviderUnlinked<'_> {
    const KIND: LetterKind = LetterKind::ProviderUnlinked;
    const NAME: &'static str = "provider_unlinked";

    fn subject(&self) -> String {
        format!("{} was unlinked from your account", self.0.provider)
    }
}

impl Template for ProviderCode<'_> {
    const KIND: LetterKind = LetterKind::ProviderCode;
    const NAME: &'static str = "provider_code";

    fn subject(&self) -> String {
        "Confirm your e-mail address".to_owned()
    }
}
