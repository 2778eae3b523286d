//! `outbox`: letters that were promised in the transaction of their cause, until they are sent.

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

/// The newest letters, for the development mailbox.
pub async fn newest(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<Model>, DbErr> {
    Entity::find()
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
        .filter(is_due(now))
        .order_by_asc(Column::NextAttemptAt)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}

/// Takes a letter whose turn it is until `lease`, when it is anybody's again. Of any number of
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

/// The claimed letter is tried again, not before `at`.
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
    let live = Entity::find().filter(Column::ExpiresAt.gt(now));
    let waiting = live.clone().filter(Column::NextAttemptAt.is_not_null());
    let failed = live.filter(Column::FailedAt.is_not_null());
    Ok(Tally {
        waiting: waiting.count(db).await?,
        failed: failed.count(db).await?,
    })
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

/// Forgets letters whose secret is dead.
pub async fn sweep(db: &impl ConnectionTrait, now: DateTimeUtc) -> Result<u64, DbErr> {
    Ok(Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now))
        .exec(db)
        .await?
        .rows_affected)
}
