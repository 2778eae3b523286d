//! `signing_key`: a key pair that signs tokens; its private half is sealed.

use sea_orm::{QueryOrder, entity::prelude::*};

use crate::value::{Sealed, SigningAlg};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    /// The RFC 7638 thumbprint of the public half.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub kid: String,
    pub alg: SigningAlg,
    /// PKCS#8, sealed with the root secret.
    pub private_key: Sealed,
    pub created_at: DateTimeUtc,
    /// From when it signs; before, it is only published.
    pub signs_from: DateTimeUtc,
    /// When it is no longer published. None while it has no successor.
    pub published_until: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// The keys that are published at `now`, oldest first.
pub async fn published(db: &impl ConnectionTrait, now: DateTimeUtc) -> Result<Vec<Model>, DbErr> {
    use sea_orm::Condition;
    let kept = Condition::any()
        .add(Column::PublishedUntil.is_null())
        .add(Column::PublishedUntil.gt(now));
    Entity::find()
        .filter(kept)
        .order_by_asc(Column::CreatedAt)
        .all(db)
        .await
}

/// Lets one process at a time see which keys are missing and add them. On SQLite the transaction
/// has the write lock already.
pub async fn alone(tx: &sea_orm::DatabaseTransaction) -> Result<(), DbErr> {
    if tx.get_database_backend() == sea_orm::DbBackend::Postgres {
        tx.execute_unprepared("LOCK TABLE signing_key IN SHARE ROW EXCLUSIVE MODE")
            .await?;
    }
    Ok(())
}

/// Adds a key, in a transaction that is [`alone`].
pub async fn add(db: &impl ConnectionTrait, row: ActiveModel) -> Result<(), DbErr> {
    Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}
