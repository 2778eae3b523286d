//! Moving: ways in that are taken over from elsewhere, many at a time.

use sea_orm::{Condition, QueryOrder, entity::prelude::*, sea_query::OnConflict};

use super::{ActiveModel, Column, Entity, Model};

/// The ways in of these users.
pub async fn of_users(db: &impl ConnectionTrait, users: Vec<Uuid>) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::UserId.is_in(users))
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// The ways in with one of these pairs of provider and subject, or one of these ids.
pub async fn holders(
    db: &impl ConnectionTrait,
    pairs: &[(&str, &str)],
    ids: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    let mut any = Condition::any().add(Column::Id.is_in(ids));
    for (provider, subject) in pairs {
        let pair = Condition::all()
            .add(Column::Provider.eq(*provider))
            .add(Column::ProviderAccountId.eq(*subject));
        any = any.add(pair);
    }
    Entity::find().filter(any).all(db).await
}

/// Adds those that are nobody's. Answers how many they were.
pub async fn add_free(db: &impl ConnectionTrait, rows: Vec<ActiveModel>) -> Result<u64, DbErr> {
    if rows.is_empty() {
        return Ok(0);
    }
    Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(db)
        .await
}
