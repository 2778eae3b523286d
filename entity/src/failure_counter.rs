//! `failure_counter`: how often in a row a secret that people choose was wrong, and when it may be
//! tried again. The key is a digest, because it is made of addresses of people.

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

/// Counts a try as failed before it is made, if one may be made now. `ladder` says until when
/// others wait after so many failures in a row: the n-th entry after n + 1, the last one after any
/// number more. One statement, so of any number who come at once no more get through than the ladder
/// lets. None: not before the time that [`find`] tells.
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
    let may: SimpleExpr = old(Column::NotBefore).lte(now).or(over());
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
        Err(DbErr::RecordNotInserted) => Ok(None),
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

/// Takes one back that turned out not to have been made.
pub async fn take_back(
    db: &impl ConnectionTrait,
    key: &Digest,
    now: DateTimeUtc,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Failures, Expr::col(Column::Failures).sub(1))
        .col_expr(Column::NotBefore, Expr::value(now))
        .filter(Column::Key.eq(key.clone()))
        .filter(Column::Failures.gt(0))
        .exec(db)
        .await
        .map(drop)
}

/// Forgets what is over.
pub async fn sweep(db: &impl ConnectionTrait, now: DateTimeUtc) -> Result<u64, DbErr> {
    Ok(Entity::delete_many()
        .filter(Column::ForgottenAt.lte(now))
        .exec(db)
        .await?
        .rows_affected)
}
