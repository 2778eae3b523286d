//! Report: what became of the rows of an import: counts, and a word about each that an operator should
//! look at. Holds no secret.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Wrong;
use crate::crypto::password::foreign::Kind;

/// Where a row lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The number of a line, from 1.
    Line(u64),
    /// The id of a row in another system.
    Row(String),
}

/// What became of a row, or of a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The person was not taken.
    Refused,
    /// The person was, and this account at a provider was not.
    AccountRefused,
    /// The person was taken, and this was left out.
    LeftOut,
    /// They were here before, and are not as the row says; nothing was written over.
    Kept,
}

/// A word about a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    pub what: What,
    #[serde(flatten)]
    pub place: Place,
    /// The column in the line, for what is no JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    pub reason: String,
}

/// The counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Nothing was written: they are what would have been.
    pub dry_run: bool,
    /// People in the source.
    pub read: u64,
    /// Of them: taken in now,
    pub imported: u64,
    /// here before, as the row says,
    pub unchanged: u64,
    /// here before, and changed since,
    pub kept: u64,
    /// not taken.
    pub refused: u64,
    /// Accounts at providers of those who were taken in.
    pub accounts: u64,
    pub accounts_refused: u64,
    /// Of those taken in: how many hashes of which kind,
    pub passwords: BTreeMap<&'static str, u64>,
    /// and who had a password that nobody can verify here.
    pub must_reset: u64,
}

impl Report {
    /// Whether something of the source is not here.
    pub fn is_short(&self) -> bool {
        self.refused > 0 || self.accounts_refused > 0
    }

    pub(super) fn hashed_by(&mut self, kind: Option<Kind>) {
        if let Some(kind) = kind {
            *self.passwords.entry(kind.name()).or_default() += 1;
        }
    }
}

impl Entry {
    pub(super) fn of(what: What, place: &Place, sub: Option<&str>, wrong: Wrong) -> Self {
        Self {
            what,
            place: place.clone(),
            column: wrong.column,
            sub: sub.map(str::to_owned),
            field: wrong.field,
            reason: wrong.reason,
        }
    }
}

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.place, self.column) {
            (Place::Line(line), Some(column)) => write!(f, "line {line}, column {column}: ")?,
            (Place::Line(line), None) => write!(f, "line {line}: ")?,
            (Place::Row(row), _) => write!(f, "{row}: ")?,
        }
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        let what = match self.what {
            What::Refused => "not taken",
            What::AccountRefused => "account not taken",
            What::LeftOut => "taken without it",
            What::Kept => "kept as it is here",
        };
        write!(f, "{} ({what})", self.reason)
    }
}
