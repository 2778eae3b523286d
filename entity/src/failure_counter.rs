//! `failure_counter`: how often in a row a secret that people choose was wrong, and when it may be
//! tried again. The key is a digest, because it is made of addresses of people.

use chrono::TimeDelta;
use sea_orm::{
    Set,
    entity::prelude::*,
    sea_query::{CaseStatement, Expr, ExprTrait, OnConflict, SimpleExpr},
};

use crate::value::Digest;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "failure_counter")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: Digest,
    pub failures: i32,
    pub not_before: DateTimeUtc,
    /// When all of it is forgotten, unless it fails again.
    pub forgotten_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// How far the clocks of processes may be apart. Whoever would have to wait for longer than the
/// longest wait and this waits for a clock that was turned back.
const SKEW: TimeDelta = TimeDelta::minutes(1);

impl Model {
    /// How long nothing may be tried, if nobody waits for longer than `longest`.
    pub fn wait(&self, now: DateTimeUtc, longest: TimeDelta) -> Option<TimeDelta> {
        let left = self.not_before - now;
        let counts = self.forgotten_at > now && left <= longest + SKEW;
        (counts && left > TimeDelta::zero()).then_some(left)
    }
}

/// Counts a try as failed before it is made, if one may be made now. `ladder` says until when
/// nothing may be tried after so many failures in a row: its first entry after one, its last after
/// as many as it has or more. One statement, so of any number who come at once no more get through
/// than the ladder lets. None: not before the time that [`find`] tells.
pub async fn charge(
    db: &impl ConnectionTrait,
    key: Digest,
    ladder: &[DateTimeUtc],
    (now, forgotten_at): (DateTimeUtc, DateTimeUtc),
) -> Result<Option<Model>, DbErr> {
    let old = |column: Column| Expr::col((Entity, column));
    let over = || old(Column::ForgottenAt).lte(now);
    let first = ladder.first().copied().unwrap_or(now);
    let last = ladder.last().copied().unwrap_or(now);
    let failures = CaseStatement::new()
        .case(over(), 1)
        .finally(old(Column::Failures).add(1));
    let mut not_before = CaseStatement::new().case(over(), first);
    for (failed, until) in (1..).zip(ladder.iter().skip(1)) {
        not_before = not_before.case(old(Column::Failures).eq(failed), *until);
    }
    let row = ActiveModel {
        key: Set(key),
        failures: Set(1),
        not_before: Set(first),
        forgotten_at: Set(forgotten_at),
    };
    let may: SimpleExpr = old(Column::NotBefore)
        .lte(now)
        .or(old(Column::NotBefore).gt(last + SKEW))
        .or(over());
    let upsert = OnConflict::column(Column::Key)
        .value(Column::Failures, failures)
        .value(Column::NotBefore, not_before.finally(last))
        .value(Column::ForgottenAt, forgotten_at)
        .action_and_where(may)
        .to_owned();
    match Entity::insert(row)
        .on_conflict(upsert)
        .exec_with_returning(db)
        .await
    {
        Ok(counted) => Ok(Some(counted)),
        // What the condition refuses returns no row.
        Err(DbErr::RecordNotFound(_) | DbErr::RecordNotInserted) => Ok(None),
        Err(error) => Err(error),
    }
}

pub async fn find(db: &impl ConnectionTrait, key: &Digest) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(key.clone()).one(db).await
}

/// Forgets the failures: it was right.
pub async fn clear(db: &impl ConnectionTrait, key: &Digest) -> Result<(), DbErr> {
    Entity::delete_by_id(key.clone()).exec(db).await.map(drop)
}

/// Forgets what is over.
pub async fn sweep(db: &impl ConnectionTrait, now: DateTimeUtc) -> Result<u64, DbErr> {
    Ok(Entity::delete_many()
        .filter(Column::ForgottenAt.lte(now))
        .exec(db)
        .await?
        .rows_affected)
}
