//! `verification_token`: a mailed secret that proves something once. The seed's entity, with its
//! kind and the user to whom it is bound.

use sea_orm::{Set, entity::prelude::*};

use crate::value::{Digest, TokenKind};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "verification_token")]
pub struct Model {
    /// The address to which the secret was sent.
    #[sea_orm(column_type = "Text")]
    pub identifier: String,
    /// The digest of the secret in the link.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token: Digest,
    pub expires: DateTimeUtc,
    pub kind: TokenKind,
    pub user_id: Uuid,
    pub created_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<super::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Adds a token and forgets the older ones of the same kind and user: the newest link wins.
pub async fn replace(
    db: &impl ConnectionTrait,
    kind: TokenKind,
    user_id: Uuid,
    identifier: &str,
    token: Digest,
    (now, expires): (DateTimeUtc, DateTimeUtc),
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::Kind.eq(kind))
        .filter(Column::UserId.eq(user_id))
        .exec(db)
        .await?;
    let row = ActiveModel {
        identifier: Set(identifier.to_owned()),
        token: Set(token),
        expires: Set(expires),
        kind: Set(kind),
        user_id: Set(user_id),
        created_at: Set(now),
    };
    Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Whether one was sent to this user after `since`.
pub async fn sent_since(
    db: &impl ConnectionTrait,
    kind: TokenKind,
    user_id: Uuid,
    since: DateTimeUtc,
) -> Result<bool, DbErr> {
    let newest = Entity::find()
        .filter(Column::Kind.eq(kind))
        .filter(Column::UserId.eq(user_id))
        .filter(Column::CreatedAt.gt(since))
        .one(db)
        .await?;
    Ok(newest.is_some())
}

/// The live token, for a page that shows what will happen. Changes nothing.
pub async fn peek(
    db: &impl ConnectionTrait,
    kind: TokenKind,
    token: &Digest,
    now: DateTimeUtc,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::Token.eq(token.clone()))
        .filter(Column::Kind.eq(kind))
        .filter(Column::Expires.gt(now))
        .one(db)
        .await
}

/// Takes the live token; of any number of callers exactly one gets it.
pub async fn consume(
    db: &impl ConnectionTrait,
    kind: TokenKind,
    token: &Digest,
    now: DateTimeUtc,
) -> Result<Option<Model>, DbErr> {
    let taken = Entity::delete_many()
        .filter(Column::Token.eq(token.clone()))
        .filter(Column::Kind.eq(kind))
        .filter(Column::Expires.gt(now))
        .exec_with_returning(db)
        .await?;
    Ok(taken.into_iter().next())
}

/// Forgets tokens that expired before `now`.
pub async fn sweep(db: &impl ConnectionTrait, now: DateTimeUtc) -> Result<u64, DbErr> {
    Ok(Entity::delete_many()
        .filter(Column::Expires.lte(now))
        .exec(db)
        .await?
        .rows_affected)
}
