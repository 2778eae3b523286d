//! Writing people down: their rows, their ways in and an event for each, or nothing.

use chrono::{DateTime, Utc};
use entity::{account, db, event, user, value::EventKind};
use sea_orm::DbErr;

use crate::{accounts::moving::draft::Draft, app::App, events};

/// Writes all of them. Answers whether nobody was in the way; otherwise nothing is written.
pub(super) async fn write(app: &App, drafts: &[&Draft]) -> Result<bool, DbErr> {
    if drafts.is_empty() {
        return Ok(true);
    }
    db::unless_conflict(|| once(app, drafts)).await
}

async fn once(app: &App, drafts: &[&Draft]) -> Result<bool, DbErr> {
    let now = app.clock.now();
    let users: Vec<user::Model> = drafts.iter().map(|draft| draft.user.clone()).collect();
    let accounts: Vec<account::ActiveModel> = drafts
        .iter()
        .flat_map(|draft| ways_in(app, draft))
        .collect();
    let events = drafts.iter().map(|draft| event(draft, now)).collect();
    let expected = (users.len() as u64, accounts.len() as u64);
    let tx = app.db.begin().await?;
    let added = user::moving::add_free(&tx, users).await?;
    if added != expected.0 {
        return Ok(false);
    }
    if account::moving::add_free(&tx, accounts).await? != expected.1 {
        return Ok(false);
    }
    event::add_all(&tx, events).await?;
    tx.commit().await?;
    Ok(true)
}

fn ways_in(app: &App, draft: &Draft) -> Vec<account::ActiveModel> {
    let linked = draft.ways_in.iter();
    let linked = linked.map(|way_in| way_in.row(app, draft.user.id));
    draft
        .credentials
        .clone()
        .into_iter()
        .chain(linked)
        .collect()
}

fn event(draft: &Draft, now: DateTime<Utc>) -> event::ActiveModel {
    events::row(
        EventKind::UserRegistered,
        events::About::user(draft.user.id),
        now,
    )
}
