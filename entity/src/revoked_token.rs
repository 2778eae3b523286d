//! `revoked_token`: access tokens that were ended before their time (RFC 7009), by their `jti`,
//! kept until they would have ended anyway.

use sea_orm::{Set, entity::prelude::*, sea_query::OnConflict};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "revoked_token")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub jti: String,
    pub expires_at: DateTimeUtc,
    pub revoked_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// Ends the token. Doing so twice is doing so once.
pub async fn add(
    db: &impl ConnectionTrait,
    jti: &str,
    expires_at: DateTimeUtc,
    now: DateTimeUtc,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        jti: Set(jti.to_owned()),
        expires_at: Set(expires_at),
        revoked_at: Set(now),
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::Jti)
                .update_column(Column::ExpiresAt)
                .to_owned(),
        )
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Whether one of these was ended.
pub async fn contains_any(db: &impl ConnectionTrait, jtis: Vec<String>) -> Result<bool, DbErr> {
    let ended = Entity::find().filter(Column::Jti.is_in(jtis));
    Ok(ended.one(db).await?.is_some())
}

/// Forgets tokens that have ended by themselves.
pub async fn sweep(db: &impl ConnectionTrait, now: DateTimeUtc) -> Result<u64, DbErr> {
    Ok(Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now))
        .exec(db)
        .await?
        .rows_affected)
}
