//! Moving: ways in that are taken over from elsewhere, many at a time.

use std::collections::BTreeMap;

use sea_orm::{QueryOrder, entity::prelude::*, sea_query::OnConflict};

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
    let mut found = Vec::new();
    if !ids.is_empty() {
        let with_id = Entity::find().filter(Column::Id.is_in(ids));
        found.extend(with_id.all(db).await?);
    }
    // A statement for each provider, because its index is used only then.
    let mut providers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (provider, subject) in pairs {
        providers.entry(provider).or_default().push(subject);
    }
    for (provider, subjects) in providers {
        let of_provider = Entity::find()
            .filter(Column::Provider.eq(provider))
            .filter(Column::ProviderAccountId.is_in(subjects));
        found.extend(of_provider.all(db).await?);
    }
    Ok(found)
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
