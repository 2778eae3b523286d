//! What happened in an account, for the person whose it is.

use std::collections::HashMap;

use entity::{client, event, value::EventKind};
use sea_orm::DbErr;
use uuid::Uuid;

use crate::app::App;

/// How many events are told at once.
const AT_ONCE: u64 = 50;

/// Some of what happened, newest first.
#[derive(Debug)]
pub struct Activity {
    pub events: Vec<Happened>,
    /// Where to go on, if there is more.
    pub before: Option<Uuid>,
}

#[derive(Debug)]
pub struct Happened {
    pub event: event::Model,
    /// The name of the application that it was about, if it still is one.
    pub app: Option<String>,
}

/// The events of these kinds about a person, newest first, from `before` on. Whosever id that is,
/// only the person's own events are told.
pub async fn activity(
    app: &App,
    user_id: Uuid,
    kinds: &[EventKind],
    before: Option<Uuid>,
) -> Result<Activity, DbErr> {
    let db = &app.db.read;
    let mut events = event::page_of(db, user_id, kinds, before, AT_ONCE + 1).await?;
    let more = events.len() as u64 > AT_ONCE;
    if more {
        events.pop();
    }
    let before = events.last().filter(|_| more).map(|event| event.id);
    let about: Vec<Uuid> = events.iter().filter_map(|event| event.client_id).collect();
    let names: HashMap<_, _> = client::names_of(db, about).await?.into_iter().collect();
    let events = events.into_iter().map(|event| Happened {
        app: event.client_id.and_then(|id| names.get(&id).cloned()),
        event,
    });
    Ok(Activity {
        events: events.collect(),
        before,
    })
}
