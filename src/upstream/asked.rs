//! What a kind of provider is given: to send somebody there, and to know who came back.

use chrono::{DateTime, Utc};

/// What a kind of provider needs to send somebody there.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub state: &'a str,
    pub nonce: &'a str,
    pub verifier: &'a str,
    pub fresh: bool,
}

/// What it needs to know who came back.
#[derive(Debug)]
pub(super) struct Back<'a> {
    pub code: &'a str,
    pub iss: Option<&'a str>,
    pub nonce: &'a str,
    pub verifier: String,
    pub fresh: bool,
    pub began: DateTime<Utc>,
}
