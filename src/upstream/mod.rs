//! Upstream: people who prove somewhere else who they are: with Google, GitHub, or anybody who speaks
//! OpenID Connect. What a provider says is believed of its own subjects and of nobody else. Knows no
//! page and no HTTP.

pub mod access;
mod arrival;
mod asked;
mod discovery;
pub mod doctor;
mod exchange;
mod failure;
pub mod finish;
mod flow;
mod github;
mod id_token;
mod identity;
mod letter;
mod link;
mod oidc;
mod profile;
mod settle;
mod tokens;
pub mod unlink;
mod way;

use entity::value::Intent;
use sea_orm::DbErr;
use uuid::Uuid;

pub use failure::Failure;
pub use flow::{Begin, Returned, begin, come_back};
pub use identity::{Address, Identity, Proof};

use crate::{
    accounts::AccountError,
    app::App,
    config,
    crypto::secret::Minted,
    limits::TooOften,
    sessions::{Browser, SignedIn},
};

/// A provider of the settings.
#[derive(Clone, Copy, Debug)]
pub struct Provider<'a> {
    /// As the rows name it.
    pub name: &'a str,
    pub settings: &'a config::Provider,
}

/// The browser that somebody comes in.
#[derive(Clone, Copy, Debug)]
pub struct Here<'a> {
    /// The digest of its visitor cookie.
    pub visitor: &'a str,
    pub signed_in: Option<&'a SignedIn>,
    pub browser: &'a Browser,
}

/// Where somebody stands who came back.
#[derive(Debug)]
pub enum Came {
    /// It is no flow that this browser began with this provider, or not any more.
    Unknown,
    /// Signed in.
    In {
        session: Minted,
        flow: Option<String>,
        /// The account was made a moment ago.
        new: bool,
    },
    /// They have asked that their account be removed, and may keep it. Not signed in.
    Leaving { user_id: Uuid, flow: Option<String> },
    /// The way in is theirs now. The session's cookie has a new value.
    Linked {
        session: Option<Minted>,
        flow: Option<String>,
    },
    /// Something must be done first; with the secret by which this browser goes on.
    Arrived { secret: Minted },
    /// Not let in.
    Failed {
        why: Failure,
        intent: Intent,
        flow: Option<String>,
    },
}

/// Why there is no answer at all.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    #[error("too many attempts")]
    TooOften(TooOften),
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

/// The provider of this name, if there still is one.
pub fn find<'a>(app: &'a App, name: &str) -> Option<Provider<'a>> {
    let (name, settings) = app.config.providers.get(name)?;
    Some(Provider { name, settings })
}

/// All of them, in the order of their names.
pub fn all(app: &App) -> impl Iterator<Item = Provider<'_>> {
    let providers = app.config.providers.iter();
    providers.map(|(name, settings)| Provider { name, settings })
}

/// Where those come back who were sent to the provider of this name.
pub fn callback_path(name: &str) -> String {
    format!("{}/{name}/callback", crate::paths::UPSTREAM)
}

impl<'a> Provider<'a> {
    /// What people call it.
    pub fn display_name(self) -> &'a str {
        self.settings.display_name(self.name)
    }

    /// The redirect URI to be registered there: one of its own, so that what another provider sends
    /// cannot come by here (RFC 9700 §4.4.2.2).
    pub fn redirect_uri(self, app: &App) -> String {
        app.url(&callback_path(self.name))
    }
}

impl From<DbErr> for UpstreamError {
    fn from(error: DbErr) -> Self {
        Self::Unexpected(error.into())
    }
}

impl From<AccountError> for UpstreamError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::TooOften(often) => Self::TooOften(often),
            other => Self::Unexpected(other.into()),
        }
    }
}
