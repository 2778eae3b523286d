//! The letters: what each says, beside what all of them do. Each has a template pair of its name.

use std::borrow::Cow;

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
    /// Tells a person that they can sign in with a provider from now on; `display` is what it calls
    /// them.
    ProviderLinked {
        provider: &'a str,
        display: &'a str,
        at: String,
    },
    /// Tells a person that they cannot sign in with a provider any more.
    ProviderUnlinked {
        provider: &'a str,
        display: &'a str,
        at: String,
    },
    /// Asks somebody who comes from a provider to prove an address by a code.
    ProviderCode {
        provider: &'a str,
        display: &'a str,
        code: &'a str,
        expires: String,
    },
}

/// The subject of every letter with a secret that proves an address.
const CONFIRM: &str = "Confirm your e-mail address";

impl Message<'_> {
    /// Its kind, the name of its pair `mail/NAME.txt`, `mail/NAME.html`, and its subject.
    pub(super) fn face(&self) -> (LetterKind, &'static str, Cow<'static, str>) {
        use LetterKind as Kind;
        let (kind, name, subject) = match self {
            Self::VerifyEmail { .. } => (Kind::VerifyEmail, "verify_email", CONFIRM),
            Self::SignUp { .. } => (Kind::SignUp, "sign_up", CONFIRM),
            Self::AddressTaken { .. } => (
                Kind::AddressTaken,
                "address_taken",
                "You have an account already",
            ),
            Self::Recover { .. } => (Kind::Recover, "recover", "Choose a new password"),
            Self::PasswordChanged { .. } => (
                Kind::PasswordChanged,
                "password_changed",
                "Your password was changed",
            ),
            Self::ChangeEmail { .. } => (
                Kind::ChangeEmail,
                "change_email",
                "Confirm your new e-mail address",
            ),
            Self::EmailChanged { .. } => (
                Kind::EmailChanged,
                "email_changed",
                "Your e-mail address was changed",
            ),
            Self::AccountLeaving { .. } => (
                Kind::AccountLeaving,
                "account_leaving",
                "Your account will be deleted",
            ),
            Self::ProviderCode { .. } => (Kind::ProviderCode, "provider_code", CONFIRM),
            Self::ProviderLinked { provider, .. } => {
                let subject = format!("You can sign in with {provider} now");
                return (Kind::ProviderLinked, "provider_linked", subject.into());
            }
            Self::ProviderUnlinked { provider, .. } => {
                let subject = format!("{provider} was unlinked from your account");
                return (Kind::ProviderUnlinked, "provider_unlinked", subject.into());
            }
        };
        (kind, name, subject.into())
    }
}
