//! Errands: a page of ours that somebody was on the way to when they had to sign in first. It is
//! sealed like a flow and goes the same way, so nothing in an address or a form decides where it
//! leads: the word in front only says which page is to open it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{page_error::PageError, visitor::Visitor};
use crate::{app::App, crypto::seal::Purpose, paths};

/// What somebody was about to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Errand {
    /// To answer for a device, with the code as its link carries it.
    Device { user_code: Option<String> },
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

/// The pages that open errands, each with its word.
const PAGES: [(&str, &str); 1] = [("device", paths::DEVICE)];

impl Errand {
    fn word(&self) -> &'static str {
        match self {
            Self::Device { .. } => "device",
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
        let fits = begun.visitor == visitor.digest && app.clock.now() - begun.at <= LIFE;
        (fits && begun.errand.word() == word).then_some(begun.errand)
    }
}

/// The page that opens it, if it is an errand and no flow of an authorization request. Sealed bytes
/// are base64url, which has no full stop.
pub fn page_of(flow: &str) -> Option<&'static str> {
    let (word, _) = flow.split_once('.')?;
    let page = PAGES.iter().find(|(own, _)| *own == word)?;
    Some(page.1)
}
