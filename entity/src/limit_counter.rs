//! `limit_counter`: how often something that is limited was done within its window. The key is a
//! digest, because addresses are about people.

use chrono::TimeDelta;
use sea_orm::{
    Set,
    entity::prelude::*,
    sea_query::{CaseStatement, Expr, ExprTrait, OnConflict},
};

use crate::value::Digest;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "limit_counter")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: Digest,
    pub count: i32,
    /// The window began with the first of them.
    pub window_ends_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// How far the clocks of processes may be apart. A window that ends later than one that begins now,
/// and by more than this, was begun by a clock that was turned back since.
const SKEW: TimeDelta = TimeDelta::minutes(1);

/// Counts one more, and answers how many there are by now. One statement: of any number of callers
/// no two get the same count. A window that is over begins anew.
pub async fn add(
    db: &impl ConnectionTrait,
    key: Digest,
    now: DateTimeUtc,
    window_ends_at: DateTimeUtc,
) -> Result<Model, DbErr> {
    let old = |column: Column| Expr::col((Entity, column));
    let over = || {
        let ends = || old(Column::WindowEndsAt);
        ends().lte(now).or(ends().gt(window_ends_at + SKEW))
    };
    let count = CaseStatement::new()
        .case(over(), 1)
        .finally(old(Column::Count).add(1));
    let ends = CaseStatement::new()
        .case(over(), window_ends_at)
        .finally(old(Column::WindowEndsAt));
    let row = ActiveModel {
        key: Set(key),
        count: Set(1),
        window_ends_at: Set(window_ends_at),
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::Key)
                .value(Column::Count, count)
                .value(Column::WindowEndsAt, ends)
                .to_owned(),
        )
        .exec_with_returning(db)
        .await
}

/// The counts of these keys whose windows are not over.
pub async fn find(
    db: &impl ConnectionTrait,
    keys: impl IntoIterator<Item = Digest>,
    now: DateTimeUtc,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Key.is_in(keys))
        .filter(Column::WindowEndsAt.gt(now))
        .all(db)
        .await
}

impl Model {
    /// How long the window still goes, if it is one of this length.
    pub fn left(&self, now: DateTimeUtc, window: TimeDelta) -> Option<TimeDelta> {
        let left = self.window_ends_at - now;
        (left > TimeDelta::zero() && left <= window + SKEW).then_some(left)
    }
}

/// Takes one back.
pub async fn take_back(
    db: &impl ConnectionTrait,
    key: Digest,
    now: DateTimeUtc,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Count, Expr::col(Column::Count).sub(1))
        .filter(Column::Key.eq(key))
        .filter(Column::Count.gt(0))
        .filter(Column::WindowEndsAt.gt(now))
        .exec(db)
        .await
        .map(drop)
}

/// Forgets windows that are over.
pub async fn sweep(db: &impl ConnectionTrait, now: DateTimeUtc) -> Result<u64, DbErr> {
    Ok(Entity::delete_many()
        .filter(Column::WindowEndsAt.lte(now))
        .exec(db)
        .await?
        .rows_affected)
}
