//! `outbox`: what was promised in the transaction of its cause, until it is carried away: letters to
//! people, and notices to clients that a session has ended. Each is carried by a job of its own and
//! never met by the other's.

use sea_orm::{
    Condition, PaginatorTrait, QueryOrder, QuerySelect, Set, entity::prelude::*,
    sea_query::ExprTrait,
};

use crate::value::{LetterKind, Sealed};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: LetterKind,
    /// The address of a person; for a notice the row of a client.
    #[sea_orm(column_type = "Text")]
    pub recipient: String,
    /// The letter as JSON (subject, text, html); sealed, because it carries a link that is a secret.
    pub letter: Sealed,
    pub created_at: DateTimeUtc,
    /// Never sent later than this: the secret in it is dead by then.
    pub expires_at: DateTimeUtc,
    /// How often somebody set out with it.
    pub attempts: i32,
    /// Not tried before. While somebody is under way with it, this is when it is given up for lost;
    /// none once it was sent or has failed.
    pub next_attempt_at: Option<DateTimeUtc>,
    /// When the server of the recipient, or one on the way, took it.
    pub sent_at: Option<DateTimeUtc>,
    /// When it was refused for good. Never tried again.
    pub failed_at: Option<DateTimeUtc>,
}

/// How many letters are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Still to be sent.
    pub waiting: u64,
    /// Refused for good.
    pub failed: u64,
}

impl ActiveModelBehavior for ActiveModel {}

/// Puts a letter in, in the transaction of its cause.
pub async fn add(db: &impl ConnectionTrait, row: ActiveModel) -> Result<(), DbErr> {
    Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Takes a letter out again, in the transaction that put it in.
pub async fn take_back(tx: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(tx).await.map(drop)
}

/// Puts notices in, in the transaction of their cause.
pub async fn add_notices(db: &impl ConnectionTrait, rows: Vec<ActiveModel>) -> Result<(), DbErr> {
    // A statement holds at most 32766 values (SQLite).
    for some in rows.chunks(1000) {
        Entity::insert_many(some.to_vec())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// The newest letters, for the development mailbox.
pub async fn newest(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(is_letter())
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// The letters whose turn it is, the longest waiting first. Takes none of them.
pub async fn due(
    db: &impl ConnectionTrait,
    now: DateTimeUtc,
    limit: u64,
) -> Result<Vec<Uuid>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(is_letter())
        .filter(is_due(now))
        .order_by_asc(Column::NextAttemptAt)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}

/// The notices whose turn it is, and to whom, the longest waiting first: those that were never tried,
/// or those that are tried again; none to `not_to`. Takes none of them.
pub async fn notices_due(
    db: &impl ConnectionTrait,
    (now, tried): (DateTimeUtc, bool),
    not_to: &[String],
    limit: u64,
) -> Result<Vec<(Uuid, String)>, DbErr> {
    let attempts = match tried {
        true => Column::Attempts.gt(0),
        false => Column::Attempts.eq(0),
    };
    Entity::find()
        .select_only()
        .columns([Column::Id, Column::Recipient])
        .filter(Column::Kind.eq(LetterKind::LogoutNotice))
        .filter(is_due(now))
        .filter(attempts)
        .filter(Column::Recipient.is_not_in(not_to))
        .order_by_asc(Column::NextAttemptAt)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}

/// Takes a letter or notice whose turn it is until `lease`, when it is anybody's again. Of any number of
/// callers, in any number of processes, exactly one gets it.
pub async fn claim(
    db: &impl ConnectionTrait,
    id: Uuid,
    now: DateTimeUtc,
    lease: DateTimeUtc,
) -> Result<Option<Model>, DbErr> {
    let taken = Entity::update_many()
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .col_expr(Column::NextAttemptAt, Expr::value(lease))
        .filter(Column::Id.eq(id))
        .filter(is_due(now))
        .exec_with_returning(db)
        .await?;
    Ok(taken.into_iter().next())
}

/// The claimed letter is on its way.
pub async fn sent(
    db: &impl ConnectionTrait,
    claimed: &Model,
    now: DateTimeUtc,
) -> Result<(), DbErr> {
    let ended = ActiveModel {
        sent_at: Set(Some(now)),
        next_attempt_at: Set(None),
        ..Default::default()
    };
    settle(db, claimed, ended).await
}

/// The claimed letter was refused for good.
pub async fn failed(
    db: &impl ConnectionTrait,
    claimed: &Model,
    now: DateTimeUtc,
) -> Result<(), DbErr> {
    let ended = ActiveModel {
        failed_at: Set(Some(now)),
        next_attempt_at: Set(None),
        ..Default::default()
    };
    settle(db, claimed, ended).await
}

/// The claimed notice needs nobody any more, however it ended; unless its lease ran out and another
/// attempt was begun.
pub async fn forget(db: &impl ConnectionTrait, claimed: &Model) -> Result<bool, DbErr> {
    let gone = Entity::delete_many()
        .filter(Column::Id.eq(claimed.id))
        .filter(Column::Attempts.eq(claimed.attempts))
        .exec(db)
        .await?;
    Ok(gone.rows_affected == 1)
}

/// The claimed letter or notice is tried again, not before `at`.
pub async fn later(
    db: &impl ConnectionTrait,
    claimed: &Model,
    at: DateTimeUtc,
) -> Result<(), DbErr> {
    let ended = ActiveModel {
        next_attempt_at: Set(Some(at)),
        ..Default::default()
    };
    settle(db, claimed, ended).await
}

/// How many letters wait at `now`, and how many were refused.
pub async fn tally(db: &impl ConnectionTrait, now: DateTimeUtc) -> Result<Tally, DbErr> {
    let live = Entity::find()
        .filter(is_letter())
        .filter(Column::ExpiresAt.gt(now));
    let waiting = live.clone().filter(Column::NextAttemptAt.is_not_null());
    let failed = live.filter(Column::FailedAt.is_not_null());
    Ok(Tally {
        waiting: waiting.count(db).await?,
        failed: failed.count(db).await?,
    })
}

fn is_letter() -> Condition {
    Condition::all().add(Column::Kind.ne(LetterKind::LogoutNotice))
}

fn is_due(now: DateTimeUtc) -> Condition {
    Condition::all()
        .add(Column::NextAttemptAt.lte(now))
        .add(Column::ExpiresAt.gt(now))
}

/// Writes down how an attempt ended, unless its lease ran out and another was begun.
async fn settle(
    db: &impl ConnectionTrait,
    claimed: &Model,
    ended: ActiveModel,
) -> Result<(), DbErr> {
    Entity::update_many()
        .set(ended)
        .filter(Column::Id.eq(claimed.id))
        .filter(Column::Attempts.eq(claimed.attempts))
        .exec(db)
        .await
        .map(drop)
}

/// Forgets letters whose secret is dead, and notices that are of no use any more.
pub async fn sweep(db: &impl ConnectionTrait, now: DateTimeUtc) -> Result<u64, DbErr> {
    Ok(Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now))
        .exec(db)
        .await?
        .rows_affected)
}
