//! The event log: what happened, to whom, from where. Every room may write to it.

use chrono::{DateTime, Utc};
use entity::{
    event,
    session::{self, SignedIn},
    value::EventKind,
};
use sea_orm::{ConnectionTrait, DbErr, Set};
use uuid::Uuid;

/// What an event is about. Everything is optional, nothing is secret.
#[derive(Clone, Debug, Default)]
pub struct About {
    pub user_id: Option<Uuid>,
    pub client_id: Option<Uuid>,
    /// The address from which it was asked.
    pub ip: Option<String>,
    /// What the browser that asked says it is.
    pub user_agent: Option<String>,
}

impl About {
    pub fn user(user_id: Uuid) -> Self {
        Self {
            user_id: Some(user_id),
            ..Self::default()
        }
    }

    /// What somebody did in the browser in which they are signed in.
    pub fn by(signed_in: &SignedIn) -> Self {
        Self::in_session(&signed_in.session)
    }

    /// What happened to a session, in the browser that is signed in with it.
    pub fn in_session(session: &session::Model) -> Self {
        Self {
            user_id: Some(session.user_id),
            client_id: None,
            ip: session.ip.clone(),
            user_agent: session.user_agent.clone(),
        }
    }

    pub fn client(client_id: Uuid) -> Self {
        Self {
            client_id: Some(client_id),
            ..Self::default()
        }
    }

    pub fn and_client(mut self, client_id: Uuid) -> Self {
        self.client_id = Some(client_id);
        self
    }

    pub fn from_ip(mut self, ip: Option<&str>) -> Self {
        self.ip = ip.map(str::to_owned);
        self
    }
}

/// Records one event, in the transaction of its cause where there is one.
pub async fn record(
    db: &impl ConnectionTrait,
    kind: EventKind,
    about: About,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    event::add(db, row(kind, about, now)).await
}

/// The row of an event, for many that are recorded at once.
pub fn row(kind: EventKind, about: About, now: DateTime<Utc>) -> event::ActiveModel {
    event::ActiveModel {
        id: Set(Uuid::now_v7()),
        at: Set(now),
        kind: Set(kind),
        user_id: Set(about.user_id),
        client_id: Set(about.client_id),
        ip: Set(about.ip),
        user_agent: Set(about.user_agent),
    }
}
