//! Leaving: a user who asked to be removed is disabled until then, and may come back.

use sea_orm::{QueryOrder, QuerySelect, entity::prelude::*, sea_query::Expr};

use super::{Column, Entity};

/// Disables the user until they are removed at `deletes_at`. Answers whether they were enabled.
pub async fn leave(
    db: &impl ConnectionTrait,
    id: Uuid,
    deletes_at: DateTimeUtc,
    now: DateTimeUtc,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::DisabledAt, Expr::value(now))
        .col_expr(Column::DeletesAt, Expr::value(deletes_at))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::DisabledAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Enables a user who is leaving, if it is not too late. Whoever is disabled for another reason stays
/// so.
pub async fn stay(db: &impl ConnectionTrait, id: Uuid, now: DateTimeUtc) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::DisabledAt, Expr::value(None::<DateTimeUtc>))
        .col_expr(Column::DeletesAt, Expr::value(None::<DateTimeUtc>))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::DeletesAt.gt(now))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Some of those who are to be removed by `now`. Removes none of them.
pub async fn due(
    db: &impl ConnectionTrait,
    now: DateTimeUtc,
    limit: u64,
) -> Result<Vec<Uuid>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::DeletesAt.lte(now))
        .order_by_asc(Column::DeletesAt)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}

/// Removes a user whose time has come, as [`super::remove`] does; not one who has called it off.
pub async fn remove(db: &impl ConnectionTrait, id: Uuid, now: DateTimeUtc) -> Result<bool, DbErr> {
    let done = Entity::delete_by_id(id)
        .filter(Column::DeletesAt.lte(now))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}
