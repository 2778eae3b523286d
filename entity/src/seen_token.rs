//! `seen_token`: one-time JWTs that were accepted (client assertions, DPoP proofs), by a digest of
//! who sent them and their `jti`, until they would have ended anyway.

use sea_orm::{Set, entity::prelude::*, sea_query::OnConflict};

use crate::value::Digest;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "seen_token")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub token: Digest,
    pub expires_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// Notes a token. Answers whether it was new: of any number of callers, to exactly one.
pub async fn is_new(
    db: &impl ConnectionTrait,
    token: Digest,
    expires_at: DateTimeUtc,
) -> Result<bool, DbErr> {
    let row = ActiveModel {
        token: Set(token),
        expires_at: Set(expires_at),
    };
    let added = Entity::insert(row)
        .on_conflict(OnConflict::column(Column::Token).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(added == 1)
}

/// Forgets tokens that have ended by themselves.
pub async fn sweep(db: &impl ConnectionTrait, now: DateTimeUtc) -> Result<u64, DbErr> {
    Ok(Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now))
        .exec(db)
        .await?
        .rows_affected)
}
