//! Moving: users who are taken over from elsewhere, many at a time.

use sea_orm::{
    ActiveModelTrait, Condition, IntoActiveModel, QuerySelect, entity::prelude::*,
    sea_query::OnConflict,
};

use super::{Column, Entity, Model};

/// Everybody who has one of these subjects, addresses or ids.
pub async fn holders(
    db: &impl ConnectionTrait,
    subjects: Vec<String>,
    emails: Vec<String>,
    ids: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    let any = Condition::any()
        .add(Column::Subject.is_in(subjects))
        .add(Column::Email.is_in(emails))
        .add(Column::Id.is_in(ids));
    Entity::find().filter(any).all(db).await
}

/// Adds those whose id, subject and address are nobody's. Answers how many they were.
pub async fn add_free(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<u64, DbErr> {
    if rows.is_empty() {
        return Ok(0);
    }
    let whole = rows
        .into_iter()
        .map(|row| row.into_active_model().reset_all());
    Entity::insert_many(whole)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(db)
        .await
}

/// How many passwords there are, and how many of them are kept as another system had hashed them.
pub async fn foreign_hashes(db: &impl ConnectionTrait) -> Result<(u64, u64), DbErr> {
    let all = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::PasswordHash.is_not_null());
    let foreign = all
        .clone()
        .filter(Column::PasswordHash.not_like("$argon2id$v=19$%"));
    Ok((all.count(db).await?, foreign.count(db).await?))
}
