//! `outbox`: letters that were promised in the transaction of their cause, until they are sent.

use sea_orm::{QueryOrder, QuerySelect, entity::prelude::*};

use crate::value::{LetterKind, Sealed};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: LetterKind,
    #[sea_orm(column_type = "Text")]
    pub recipient: String,
    /// The letter as JSON (subject, text, html); sealed, because it carries a link that is a secret.
    pub letter: Sealed,
    pub created_at: DateTimeUtc,
    /// Never sent later than this: the secret in it is dead by then.
    pub expires_at: DateTimeUtc,
    pub sent_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Puts a letter in, in the transaction of its cause.
pub async fn add(db: &impl ConnectionTrait, row: ActiveModel) -> Result<(), DbErr> {
    Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// The newest letters, for the development mailbox.
pub async fn newest(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Forgets letters whose secret is dead.
pub async fn sweep(db: &impl ConnectionTrait, now: DateTimeUtc) -> Result<u64, DbErr> {
    Ok(Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now))
        .exec(db)
        .await?
        .rows_affected)
}
