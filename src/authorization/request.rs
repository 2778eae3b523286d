//! An authorization request that passed every check. It is sealed into the URLs and forms of the
//! pages, so that no row exists until a code is minted and nothing that comes back can be changed.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    client,
    session::SignedIn,
    value::{ClaimsRequest, ResponseMode, ResponseType, Scope},
};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ReturnTo, checks::may_be_answered};
use crate::{
    app::App,
    oauth::{prompt::Prompt, redirect_uri},
    tokens::{claims::claim, subject::within},
};

/// The parameters of the authorization endpoint (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1).
/// What else is sent is ignored.
#[derive(Debug, Object)]
pub struct Parameters {
    /// The client.
    pub client_id: String,
    /// Where to answer, byte for byte as registered. Needed, unless the request was pushed or stands
    /// in a JWT.
    pub redirect_uri: Option<String>,
    /// `code`; for clients of the `oidc` profile any set of `code`, `id_token` and `token` that
    /// discovery lists and the client registered.
    pub response_type: Option<String>,
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
    /// `query`, `fragment` or `form_post`.
    pub response_mode: Option<String>,
    /// `none`, or any of `login`, `consent`, `select_account` and `create`.
    pub prompt: Option<String>,
    /// How many seconds ago the person may have proven who they are, at most.
    pub max_age: Option<String>,
    /// The address to fill in on the sign-in page.
    pub login_hint: Option<String>,
    /// An ID token of ours that names who is expected.
    pub id_token_hint: Option<String>,
    /// What the access token is for (RFC 8707); may be repeated.
    pub resource: Option<Vec<String>>,
    /// The thumbprint of the DPoP key to which the code will be bound (RFC 9449 §10).
    pub dpop_jkt: Option<String>,
    /// The parameters in a JWT of the client's (OpenID Connect Core §6.1).
    pub request: Option<String>,
    /// What the endpoint for pushed requests answered, or where the client registered such a JWT
    /// (OpenID Connect Core §6.2).
    pub request_uri: Option<String>,
    /// Single claims, in JSON (OpenID Connect Core §5.5).
    pub claims: Option<String>,
    /// Accepted; there is one class, and every ID token names it.
    pub acr_values: Option<String>,
    /// Accepted; the pages fit any window.
    pub display: Option<String>,
    /// Accepted; the pages speak English.
    pub ui_locales: Option<String>,
    /// Accepted; claims are in the language in which they were written.
    pub claims_locales: Option<String>,
}

/// For how long a person may take to answer.
pub const LIFE: TimeDelta = TimeDelta::hours(1);

/// The request. Its fields are what the checks proved, never what was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub client_id: String,
    pub redirect_uri: String,
    pub response_type: ResponseType,
    pub response_mode: ResponseMode,
    pub scope: String,
    /// Single claims that were asked for.
    pub claims: Option<ClaimsRequest>,
    /// The resources that the tokens are for (RFC 8707 §2).
    pub resources: Vec<String>,
    /// The key to which the code will be bound (RFC 9449 §10).
    pub dpop_jkt: Option<String>,
    /// The row of the pushed request that this is (RFC 9126).
    pub pushed: Option<Uuid>,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub code_challenge: Option<String>,
    pub prompt: Prompt,
    /// Seconds.
    pub max_age: Option<u32>,
    pub login_hint: Option<String>,
    /// The subject of `id_token_hint`, or the one that `claims` asks for.
    pub expected_subject: Option<String>,
    /// The sector in which that is the subject; none where it is the same to all.
    pub expected_sector: Option<String>,
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
            response_type: ResponseType::Code,
            response_mode: ResponseMode::Query,
            scope: String::new(),
            claims: None,
            resources: Vec::new(),
            dpop_jkt: None,
            pushed: None,
            state: None,
            nonce: None,
            code_challenge: None,
            prompt: Prompt::default(),
            max_age: None,
            login_hint: None,
            expected_subject: None,
            expected_sector: None,
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
            && may_be_answered(client, self.response_type)
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

    /// What the person is asked to allow: the scope, and whatever would buy the single claims.
    pub fn asks_for(&self) -> Scope {
        let claims = self.claims.iter();
        let names = claims.flat_map(|asked| asked.userinfo.keys().chain(asked.id_token.keys()));
        let bought = names.filter_map(|name| Some(claim(name)?.scope));
        let more: Vec<&str> = bought.collect();
        self.scope()
            .union(&more.join(" ").parse().unwrap_or_default())
    }

    pub fn return_to(&self) -> ReturnTo {
        let (uri, state) = (self.redirect_uri.clone(), self.state.clone());
        ReturnTo::proven(uri, state, self.response_mode)
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
        self.prompt.login || self.prompt.create || too_old || self.expects_somebody_else(signed_in)
    }

    /// The same, if this person is the one whom a client expects by the name of its sector: with the
    /// name that is the same to all.
    pub fn recognising(self, app: &App, signed_in: Option<&SignedIn>) -> Self {
        let Some((sector, signed_in)) = self.expected_sector.as_deref().zip(signed_in) else {
            return self;
        };
        let known_as = within(app, Some(sector), &signed_in.user);
        match self.expected_subject.as_ref() == Some(&known_as) {
            true => Self {
                expected_subject: Some(signed_in.user.subject.clone()),
                expected_sector: None,
                ..self
            },
            false => self,
        }
    }

    /// Whether the client expects another person than this one. A name that is still one of a sector
    /// is not theirs (see [`Self::recognising`]).
    pub fn expects_somebody_else(&self, signed_in: &SignedIn) -> bool {
        let expected = self.expected_subject.as_ref();
        expected.is_some_and(|subject| {
            self.expected_sector.is_some() || *subject != signed_in.user.subject
        })
    }

    /// Whether the person should be asked which account to go on with.
    pub fn wants_choice(&self, signed_in: &SignedIn) -> bool {
        let kept = self.account_kept == Some(signed_in.session.id);
        self.prompt.select_account && !kept && !self.is_met_by(signed_in)
    }
}
