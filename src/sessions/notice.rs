//! Notices: that a session has ended, for each client that learned of it and wants to be told
//! directly. Put into the outbox in the transaction that ends the session; what is sent is made
//! when it is sent (`logout::backchannel`).

use chrono::TimeDelta;
use entity::{client, outbox, session_client, user, value::LetterKind};
use sea_orm::{ConnectionTrait, DbErr, Set};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::{
    app::App,
    crypto::seal::{NotOurs, Purpose, Sealer},
    tokens::subject,
};

/// How long a notice may wait for a server that is not running. Attempts end much earlier.
const KEEPS: TimeDelta = TimeDelta::days(7);

/// What a client is told, as it was while the person still was there.
#[derive(Clone, Debug, Deserialize)]
pub struct Notice {
    /// For the event log.
    pub user_id: Uuid,
    /// As this client knows the person.
    pub sub: String,
    pub sid: Uuid,
}

/// Puts a notice in for each client of `sessions`, which are about to end. Answers all clients that
/// learned of them, each with its session.
pub(super) async fn post(
    app: &App,
    tx: &impl ConnectionTrait,
    user_id: Uuid,
    sessions: &[Uuid],
) -> Result<Vec<(Uuid, client::Model)>, DbErr> {
    if sessions.is_empty() {
        return Ok(Vec::new());
    }
    let clients = session_client::of_sessions(tx, sessions).await?;
    let wants = |client: &client::Model| {
        app.config.features.backchannel_logout && client.metadata.backchannel_logout_uri.is_some()
    };
    let mut rows = Vec::new();
    if clients.iter().any(|(_, client)| wants(client))
        && let Some(user) = user::find(tx, user_id).await?
    {
        let wanting = clients.iter().filter(|(_, client)| wants(client));
        rows.extend(wanting.map(|(sid, client)| row(app, &user, *sid, client)));
    }
    outbox::add_notices(tx, rows).await?;
    Ok(clients)
}

fn row(app: &App, user: &user::Model, sid: Uuid, client: &client::Model) -> outbox::ActiveModel {
    let id = app.new_id();
    let now = app.clock.now();
    let notice = json!({
        "user_id": user.id,
        "sub": subject::subject(app, client, user),
        "sid": sid,
    });
    let notice = notice.to_string();
    outbox::ActiveModel {
        id: Set(id),
        kind: Set(LetterKind::LogoutNotice),
        recipient: Set(client.id.to_string()),
        letter: Set(app
            .sealer
            .seal(Purpose::Notice, &place(id), notice.as_bytes())),
        created_at: Set(now),
        expires_at: Set(now + KEEPS),
        attempts: Set(0),
        next_attempt_at: Set(Some(now)),
        sent_at: Set(None),
        failed_at: Set(None),
    }
}

/// Opens a notice from the outbox.
pub fn open(sealer: &Sealer, row: &outbox::Model) -> Result<Notice, NotOurs> {
    let json = sealer.open(Purpose::Notice, &place(row.id), &row.letter)?;
    serde_json::from_slice(&json).map_err(|_| NotOurs)
}

fn place(id: Uuid) -> String {
    format!("outbox|letter|{id}")
}
