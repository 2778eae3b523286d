//! Errands: a page of ours that somebody was on the way to when they had to sign in first. It is
//! sealed like a flow and goes the same way, so nothing in an address or a form decides where it
//! leads: the word in front only says which page is to open it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{page_error::PageError, visitor::Visitor};
use crate::{app::App, crypto::seal::Purpose, paths};

/// What somebody was about to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Errand {
    /// To answer for a device, with the code as its link carries it.
    Device { user_code: Option<String> },
    /// To look at a page of their account.
    Account { page: String },
    /// To go on, on a page of the account, with what only its owner may do who has just proven who
    /// they are.
    Proof { page: String, user_id: Uuid },
    /// To say, once signed in, what is to become of what a provider said of them.
    Arrival { secret: String },
    /// To go on to a page of a front end that is trusted, with whatever became of signing in.
    FrontEnd(FrontEnd),
    /// To prove an address by the secret of a mailed link.
    VerifyLink { token: String },
    /// To prove an address in order to be let in: the password of this user was right at that time.
    AtTheDoor { user_id: Uuid, at: DateTime<Utc> },
    /// To prove the address with which they sign up; `id` says which sign-up it is.
    SignUp { id: Uuid, email: String },
    /// To prove a new address, with the secret of the link.
    ConfirmEmail { token: String },
    /// To keep an account that is about to be removed: the password was right. With the flow in which
    /// that was found out.
    Keep { user_id: Uuid, flow: Option<String> },
}

/// Where a front end goes on, each checked when it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrontEnd {
    pub callback: String,
    /// For whoever has an account since a moment ago.
    pub new_user: Option<String>,
    /// When it failed; the word for why is added to its query.
    pub error: Option<String>,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Begun {
    errand: Errand,
    /// A digest of the browser's visitor cookie.
    visitor: String,
    at: DateTime<Utc>,
}

/// How long somebody may take to sign in.
const LIFE: TimeDelta = TimeDelta::hours(1);

/// How long somebody may take to read a letter: as long as what is in it works.
const LETTER_LIFE: TimeDelta = TimeDelta::hours(24);

/// The pages that open errands, each with its word.
const PAGES: [(&str, &str); 9] = [
    ("device", paths::DEVICE),
    ("account", paths::ACCOUNT),
    ("verify", paths::VERIFY_EMAIL),
    ("door", paths::VERIFY_EMAIL),
    ("sign-up", paths::CONFIRM_SIGN_UP),
    ("confirm-email", paths::CONFIRM_EMAIL),
    ("keep", paths::KEEP_ACCOUNT),
    ("arrival", paths::UPSTREAM_FINISH),
    ("front-end", paths::UPSTREAM_ONWARD),
];

/// The pages of the account, which the first of them opens for all.
const ACCOUNT_PAGES: [&str; 9] = [
    paths::ACCOUNT_PROFILE,
    paths::ACCOUNT_SECURITY,
    paths::ACCOUNT_LINKED,
    paths::ACCOUNT_SESSIONS,
    paths::ACCOUNT_APPS,
    paths::ACCOUNT_ACTIVITY,
    paths::ACCOUNT_EMAIL,
    paths::ACCOUNT_EXPORT,
    paths::ACCOUNT_DELETE,
];

impl Errand {
    fn word(&self) -> &'static str {
        match self {
            Self::Device { .. } => "device",
            Self::Account { .. } | Self::Proof { .. } => "account",
            Self::Arrival { .. } => "arrival",
            Self::FrontEnd(_) => "front-end",
            Self::VerifyLink { .. } => "verify",
            Self::AtTheDoor { .. } => "door",
            Self::SignUp { .. } => "sign-up",
            Self::ConfirmEmail { .. } => "confirm-email",
            Self::Keep { .. } => "keep",
        }
    }

    fn life(&self) -> TimeDelta {
        match self {
            Self::AtTheDoor { .. } | Self::SignUp { .. } => LETTER_LIFE,
            _ => LIFE,
        }
    }

    /// To the page of the account at `path`. None for the first, where everybody comes to anyway.
    pub fn to_account(path: &str) -> Option<Self> {
        let page = ACCOUNT_PAGES.into_iter().find(|own| *own == path)?;
        let page = page.to_owned();
        Some(Self::Account { page })
    }

    /// To the page of the account at `path`, for this person and nobody else, once they have proven
    /// again who they are.
    pub fn to_proof(path: &str, user_id: Uuid) -> Self {
        let page = path.to_owned();
        Self::Proof { page, user_id }
    }

    /// The page of the account that it leads this person to.
    pub fn account_page(&self, of: Uuid) -> Option<&'static str> {
        let page = match self {
            Self::Account { page } => page,
            Self::Proof { page, user_id } if *user_id == of => page,
            _ => return None,
        };
        ACCOUNT_PAGES.into_iter().find(|own| own == page)
    }

    /// Who must prove again that it is them, if the flow of this browser asks for that.
    pub fn proof_of(app: &App, flow: Option<&str>, visitor: &Visitor) -> Option<Uuid> {
        match Self::open(app, flow?, visitor)? {
            Self::Proof { user_id, .. } => Some(user_id),
            _ => None,
        }
    }

    /// Sealed for this browser.
    pub fn seal(self, app: &App, visitor: &Visitor) -> Result<String, PageError> {
        let word = self.word();
        let begun = Begun {
            errand: self,
            visitor: visitor.digest.clone(),
            at: app.clock.now(),
        };
        let sealed = app.sealer.wrap(Purpose::Errand, &begun);
        let sealed = sealed.map_err(anyhow::Error::from)?;
        Ok(format!("{word}.{sealed}"))
    }

    /// The errand of this browser, if it is one and not too old.
    pub fn open(app: &App, flow: &str, visitor: &Visitor) -> Option<Self> {
        let (word, sealed) = flow.split_once('.')?;
        let begun: Begun = app.sealer.unwrap(Purpose::Errand, sealed).ok()?;
        let fits =
            begun.visitor == visitor.digest && app.clock.now() - begun.at <= begun.errand.life();
        (fits && begun.errand.word() == word).then_some(begun.errand)
    }
}

/// A flow that is to be kept: one that only looks like an errand is dropped, whatever is in it.
pub fn kept<'a>(flow: Option<&'a str>, app: &App, visitor: &Visitor) -> Option<&'a str> {
    flow.filter(|flow| page_of(flow).is_none() || Errand::open(app, flow, visitor).is_some())
}

/// The page that opens it, if it is an errand and no flow of an authorization request. Sealed bytes
/// are base64url, which has no full stop.
pub fn page_of(flow: &str) -> Option<&'static str> {
    let (word, _) = flow.split_once('.')?;
    let page = PAGES.iter().find(|(own, _)| *own == word)?;
    Some(page.1)
}
