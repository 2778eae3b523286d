//! An authorization request that passed every check. It is sealed into the URLs and forms of the
//! pages, so that no row exists until a code is minted and nothing that comes back can be changed.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{client, session::SignedIn, value::Scope};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ReturnTo;
use crate::oauth::{prompt::Prompt, redirect_uri};

/// The parameters of the authorization endpoint (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1).
/// What else is sent is ignored.
#[derive(Debug, Object)]
pub struct Parameters {
    /// The client.
    pub client_id: String,
    /// Where to answer, byte for byte as registered.
    pub redirect_uri: String,
    /// `code`.
    pub response_type: String,
    /// Words separated by spaces; `openid` for OpenID Connect.
    pub scope: Option<String>,
    /// Comes back unchanged.
    pub state: Option<String>,
    /// Comes back in the ID token.
    pub nonce: Option<String>,
    /// PKCE (RFC 7636). Every client needs it unless its profile says otherwise.
    pub code_challenge: Option<String>,
    /// `S256`.
    pub code_challenge_method: Option<String>,
    /// `query`.
    pub response_mode: Option<String>,
    /// `none`, or any of `login`, `consent` and `select_account`.
    pub prompt: Option<String>,
    /// How many seconds ago the person may have proven who they are, at most.
    pub max_age: Option<String>,
    /// The address to fill in on the sign-in page.
    pub login_hint: Option<String>,
    /// An ID token of ours that names who is expected.
    pub id_token_hint: Option<String>,
}

/// For how long a person may take to answer.
const LIFE: TimeDelta = TimeDelta::hours(1);

/// The request. Its fields are what the checks proved, never what was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub client_id: String,
    pub redirect_uri: String,
    pub scope: String,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub code_challenge: Option<String>,
    pub prompt: Prompt,
    /// Seconds.
    pub max_age: Option<u32>,
    pub login_hint: Option<String>,
    /// The subject of `id_token_hint`.
    pub expected_subject: Option<String>,
    /// A digest of the browser's visitor cookie.
    pub(super) visitor: String,
    pub(super) started_at: DateTime<Utc>,
    /// The session whose person said "go on with this account".
    pub(super) account_kept: Option<Uuid>,
}

impl Request {
    /// A request whose client and redirect URI are proven, and nothing else yet.
    pub(super) fn begun(
        client: &client::Model,
        redirect_uri: String,
        visitor: &str,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            client_id: client.client_id.clone(),
            redirect_uri,
            scope: String::new(),
            state: None,
            nonce: None,
            code_challenge: None,
            prompt: Prompt::default(),
            max_age: None,
            login_hint: None,
            expected_subject: None,
            visitor: visitor.to_owned(),
            started_at: now,
            account_kept: None,
        }
    }

    pub(super) fn belongs_to(&self, visitor: &str) -> bool {
        self.visitor == visitor
    }

    pub(super) fn is_stale(&self, now: DateTime<Utc>) -> bool {
        now - self.started_at > LIFE
    }

    /// Whether the client may still have what was sealed.
    pub(super) fn still_fits(&self, client: &client::Model) -> bool {
        let registered = &client.redirect_uris;
        redirect_uri::is_registered(&self.redirect_uri, registered, client.application_type)
            && self.scope().is_within(&client.scope)
    }

    pub(super) fn with_account(self, session: Uuid) -> Self {
        Self {
            account_kept: Some(session),
            ..self
        }
    }

    /// The scope; it was parsed once, so it parses again.
    pub fn scope(&self) -> Scope {
        self.scope.parse().unwrap_or_default()
    }

    pub fn return_to(&self) -> ReturnTo {
        ReturnTo::proven(self.redirect_uri.clone(), self.state.clone())
    }

    /// Whether this sign-in is later than the request, which meets `prompt=login` and any
    /// `max_age` without asking again.
    pub(super) fn is_met_by(&self, signed_in: &SignedIn) -> bool {
        signed_in.session.auth_time > self.started_at
    }

    /// Whether the person must prove again who they are.
    pub fn wants_fresh(&self, signed_in: &SignedIn, now: DateTime<Utc>) -> bool {
        if self.is_met_by(signed_in) {
            return false;
        }
        // OpenID Connect Core §3.1.2.1; max_age=0 is prompt=login.
        let age = now - signed_in.session.auth_time;
        let too_old = self
            .max_age
            .is_some_and(|most| age >= TimeDelta::seconds(most.into()));
        self.prompt.login || too_old || self.expects_somebody_else(signed_in)
    }

    /// Whether `id_token_hint` names another person than this one.
    pub(super) fn expects_somebody_else(&self, signed_in: &SignedIn) -> bool {
        let expected = self.expected_subject.as_ref();
        expected.is_some_and(|subject| *subject != signed_in.user.subject)
    }

    /// Whether the person should be asked which account to go on with.
    pub fn wants_choice(&self, signed_in: &SignedIn) -> bool {
        let kept = self.account_kept == Some(signed_in.session.id);
        self.prompt.select_account && !kept && !self.is_met_by(signed_in)
    }
}
