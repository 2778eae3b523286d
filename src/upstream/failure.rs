//! Why somebody is not let in: a word for them, a reason for the log, and a note that it happened.

use entity::value::EventKind;

use super::{Here, Provider, UpstreamError};
use crate::{app::App, events};

/// Why somebody is not let in, as far as it is theirs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// They said no at the provider.
    Cancelled,
    /// The provider does not answer, or answers that it cannot.
    Unavailable,
    /// What it says cannot be believed, or not be read.
    NotBelieved,
    /// Nobody signs in with this provider.
    NoSignIn,
    /// Nobody gets an account by this provider.
    NoSignUp,
    /// Nobody links this provider.
    NoLink,
    /// The account here is disabled.
    Disabled,
    /// It is linked to somebody else's account.
    LinkedElsewhere,
    /// There is an account with the address, and it cannot be known whose both are.
    AddressHeld,
    /// They are not of the organisation whose people may come.
    WrongDomain,
    /// Whom the provider's name stood for is not who it stands for now.
    OtherIssuer,
    /// Whoever began it is not signed in any more, or too long ago.
    NotFresh,
    /// The address of the account here is not proven, and nobody is let in without that.
    NotProven,
}

/// What a provider did that ends a sign-in. The reason is for the log: it may quote the provider.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub(super) struct Broken {
    pub why: Failure,
    pub reason: String,
}

impl Failure {
    pub const ALL: [Self; 13] = [
        Self::Cancelled,
        Self::Unavailable,
        Self::NotBelieved,
        Self::NoSignIn,
        Self::NoSignUp,
        Self::NoLink,
        Self::Disabled,
        Self::LinkedElsewhere,
        Self::AddressHeld,
        Self::WrongDomain,
        Self::OtherIssuer,
        Self::NotFresh,
        Self::NotProven,
    ];

    /// Its name in an address.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Unavailable => "unavailable",
            Self::NotBelieved => "not-believed",
            Self::NoSignIn => "no-sign-in",
            Self::NoSignUp => "no-sign-up",
            Self::NoLink => "no-link",
            Self::Disabled => "disabled",
            Self::LinkedElsewhere => "linked-elsewhere",
            Self::AddressHeld => "address-held",
            Self::WrongDomain => "wrong-domain",
            Self::OtherIssuer => "other-issuer",
            Self::NotFresh => "not-fresh",
            Self::NotProven => "not-proven",
        }
    }

    pub(super) fn because(self, reason: impl Into<String>) -> Broken {
        Broken {
            why: self,
            reason: reason.into(),
        }
    }
}

/// Notes what went wrong: the reason in the log, that it happened in the event log.
pub(super) async fn told(
    app: &App,
    provider: Provider<'_>,
    broken: Broken,
    here: Here<'_>,
) -> Result<Failure, UpstreamError> {
    let provider = provider.name;
    tracing::warn!(provider, reason = ?broken.reason, "somebody was not let in");
    let about = here.browser.about(here.signed_in.map(|own| own.user.id));
    let now = app.clock.now();
    events::record(&app.db.write, EventKind::ProviderFailed, about, now).await?;
    Ok(broken.why)
}
