//! A copy of everything that is kept about a person, for themselves. Holds no secret and nothing that
//! was made of one.

use chrono::{DateTime, SecondsFormat, Utc};
use entity::{
    account, consent, event, session, user,
    value::{AccountType, EventKind, Role, StandardClaims},
};
use serde::Serialize;
use uuid::Uuid;

use super::AccountError;
use crate::{
    app::App,
    events,
    sessions::{Browser, SignedIn},
};

/// How many events are read at a time, and how many at most: strangers can make them too, by typing
/// wrong passwords.
const PAGE: u64 = 500;
const MOST: usize = 20_000;

/// The whole copy; `docs/accounts.md` describes it.
#[derive(Debug, Serialize)]
pub struct Export {
    issuer: String,
    exported_at: String,
    user: Person,
    accounts: Vec<WayIn>,
    sessions: Vec<Session>,
    consents: Vec<Consent>,
    events: Vec<Event>,
}

#[derive(Debug, Serialize)]
struct Person {
    sub: String,
    email: String,
    email_verified: bool,
    email_verified_at: Option<String>,
    name: Option<String>,
    picture: Option<String>,
    #[serde(flatten)]
    claims: StandardClaims,
    role: Role,
    has_password: bool,
    created_at: String,
    updated_at: String,
}

/// `account`, without the tokens of the provider.
#[derive(Debug, Serialize)]
struct WayIn {
    provider: String,
    provider_account_id: String,
    #[serde(rename = "type")]
    kind: AccountType,
    scope: Option<String>,
}

#[derive(Debug, Serialize)]
struct Session {
    /// The `sid` of tokens.
    id: Uuid,
    created_at: String,
    signed_in_at: String,
    last_seen: String,
    ends_at: String,
    amr: Vec<String>,
    acr: String,
    ip: Option<String>,
    user_agent: Option<String>,
}

#[derive(Debug, Serialize)]
struct Consent {
    client_id: String,
    client_name: String,
    scope: String,
    resources: Vec<String>,
    granted_at: String,
    updated_at: String,
}

#[derive(Debug, Serialize)]
struct Event {
    at: String,
    kind: EventKind,
    /// The client that it is about, if the person still allows it.
    client_id: Option<String>,
    ip: Option<String>,
    user_agent: Option<String>,
}

/// Everything about the person, and an event that says that it was taken.
pub async fn export(
    app: &App,
    signed_in: &SignedIn,
    browser: &Browser,
) -> Result<Export, AccountError> {
    let now = app.clock.now();
    let id = signed_in.user.id;
    let about = browser.about(Some(id));
    events::record(&app.db.write, EventKind::DataExported, about, now).await?;
    let db = &app.db.read;
    let consents = consent::of_user(db, id).await?;
    let named = |event: &event::Model| {
        let client = consents
            .iter()
            .find(|(_, client)| Some(client.id) == event.client_id);
        client.map(|(_, client)| client.client_id.clone())
    };
    let events = all_events(app, id).await?;
    let events = events
        .into_iter()
        .map(|event| Event {
            at: time(event.at),
            client_id: named(&event),
            kind: event.kind,
            ip: event.ip,
            user_agent: event.user_agent,
        })
        .collect();
    Ok(Export {
        issuer: app.config.server.issuer.clone(),
        exported_at: time(now),
        user: Person::of(&signed_in.user),
        accounts: account::of_user(db, id)
            .await?
            .into_iter()
            .map(WayIn::of)
            .collect(),
        sessions: session::of_user(db, id, now)
            .await?
            .into_iter()
            .map(Session::of)
            .collect(),
        consents: consents.into_iter().map(Consent::of).collect(),
        events,
    })
}

/// Newest first.
async fn all_events(app: &App, user_id: Uuid) -> Result<Vec<event::Model>, AccountError> {
    let mut all: Vec<event::Model> = Vec::new();
    loop {
        let before = all.last().map(|event| event.id);
        let page = event::of_user_before(&app.db.read, user_id, before, PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        all.extend(page);
        if is_last || all.len() >= MOST {
            return Ok(all);
        }
    }
}

impl Person {
    fn of(user: &user::Model) -> Self {
        Self {
            sub: user.subject.clone(),
            email: user.email.clone(),
            email_verified: user.email_verified.is_some(),
            email_verified_at: user.email_verified.map(time),
            name: user.name.clone(),
            picture: user.image.clone(),
            claims: user.profile.clone(),
            role: user.role,
            has_password: user.password_hash.is_some(),
            created_at: time(user.created_at),
            updated_at: time(user.updated_at),
        }
    }
}

impl WayIn {
    fn of(row: account::Model) -> Self {
        Self {
            provider: row.provider,
            provider_account_id: row.provider_account_id,
            kind: row.account_type,
            scope: row.scope,
        }
    }
}

impl Session {
    fn of(row: session::Model) -> Self {
        Self {
            id: row.id,
            created_at: time(row.created_at),
            signed_in_at: time(row.auth_time),
            last_seen: time(row.last_seen),
            ends_at: time(row.ends_at.min(row.expires)),
            amr: row.amr.0,
            acr: row.acr,
            ip: row.ip,
            user_agent: row.user_agent,
        }
    }
}

impl Consent {
    fn of((row, client): (consent::Model, entity::client::Model)) -> Self {
        Self {
            client_id: client.client_id,
            client_name: client.client_name,
            scope: row.scope.to_string(),
            resources: row.resources.0,
            granted_at: time(row.granted_at),
            updated_at: time(row.updated_at),
        }
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
