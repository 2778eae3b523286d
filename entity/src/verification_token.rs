//! `verification_token`: a mailed secret that proves something once. The seed's entity, with its
//! kind, what it is bound to, and a short code that may be typed instead of following the link.

use sea_orm::{
    QueryOrder,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait},
};

use crate::value::{Digest, TokenKind};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "verification_token")]
pub struct Model {
    /// The address to which the secret was sent, and which it proves.
    #[sea_orm(column_type = "Text")]
    pub identifier: String,
    /// The digest of the secret in the link.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token: Digest,
    pub expires: DateTimeUtc,
    pub kind: TokenKind,
    /// None for somebody who has no account yet.
    pub user_id: Option<Uuid>,
    /// The digest of the code, where there is one.
    pub code: Option<Digest>,
    /// How often a code was tried.
    #[sea_orm(default_value = 0)]
    pub tries: i32,
    /// The digest of the visitor cookie of the browser that asked for it.
    #[sea_orm(column_type = "Text", nullable)]
    pub visitor: Option<String>,
    /// The sealed flow that this browser was in, to go on with.
    #[sea_orm(column_type = "Text", nullable)]
    pub flow: Option<String>,
    /// Sealed: what else has to be known once it is proven.
    #[sea_orm(column_type = "Blob", nullable)]
    pub payload: Option<Vec<u8>>,
    pub created_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<Option<super::user::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Whose secret it is.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    User(Uuid),
    /// Somebody without an account, by the address that they gave and the browser in which they did.
    Newcomer {
        identifier: &'a str,
        visitor: &'a str,
    },
}

impl Whose<'_> {
    fn filter(self) -> sea_orm::Condition {
        let all = sea_orm::Condition::all();
        match self {
            Self::User(id) => all.add(Column::UserId.eq(id)),
            Self::Newcomer {
                identifier,
                visitor,
            } => all
                .add(Column::UserId.is_null())
                .add(Column::Identifier.eq(identifier))
                .add(Column::Visitor.eq(visitor)),
        }
    }
}

/// Adds a token and forgets the older ones of the same kind and person: the newest link wins.
pub async fn replace(
    db: &impl ConnectionTrait,
    (kind, whose): (TokenKind, Whose<'_>),
    row: ActiveModel,
) -> Result<(), DbErr> {
    forget(db, kind, whose).await?;
    Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Forgets those of one kind.
pub async fn forget(
    db: &impl ConnectionTrait,
    kind: TokenKind,
    whose: Whose<'_>,
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::Kind.eq(kind))
        .filter(whose.filter())
        .exec(db)
        .await
        .map(drop)
}

/// Takes the live token of somebody who signs up, and with it those of everybody else who does with
/// the same address: in one step, so that two who prove it at once do not wait for each other.
pub async fn consume_newcomers(
    db: &impl ConnectionTrait,
    (identifier, token): (&str, &Digest),
    now: DateTimeUtc,
) -> Result<Option<Model>, DbErr> {
    let taken = Entity::delete_many()
        .filter(Column::Kind.eq(TokenKind::SignUp))
        .filter(Column::Identifier.eq(identifier))
        .exec_with_returning(db)
        .await?;
    let own = |row: &Model| row.token == *token && row.expires > now;
    Ok(taken.into_iter().find(own))
}

/// Binds the pending ones of a user to another browser, and to what was begun there.
pub async fn bind_anew(
    db: &impl ConnectionTrait,
    (kind, user_id): (TokenKind, Uuid),
    (visitor, flow, payload): (Option<&str>, Option<&str>, Option<Vec<u8>>),
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Visitor, Expr::value(visitor))
        .col_expr(Column::Flow, Expr::value(flow))
        .col_expr(Column::Payload, Expr::value(payload))
        .filter(Column::Kind.eq(kind))
        .filter(Column::UserId.eq(user_id))
        .exec(db)
        .await
        .map(drop)
}

/// Forgets all those of a user: what was mailed before somebody proved more is worth nothing after.
pub async fn forget_user(db: &impl ConnectionTrait, user_id: Uuid) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::UserId.eq(user_id))
        .exec(db)
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

/// The newest live token of a person, for a page on which its code can be typed. Changes nothing.
pub async fn pending(
    db: &impl ConnectionTrait,
    kind: TokenKind,
    whose: Whose<'_>,
    now: DateTimeUtc,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::Kind.eq(kind))
        .filter(whose.filter())
        .filter(Column::Expires.gt(now))
        .order_by_desc(Column::CreatedAt)
        .one(db)
        .await
}

/// Counts one more try of a code, before it is compared, if fewer than `most` were made: of any
/// number who guess at once no more than that get to compare.
pub async fn count_try(
    db: &impl ConnectionTrait,
    token: &Digest,
    most: i32,
    now: DateTimeUtc,
) -> Result<bool, DbErr> {
    let counted = Entity::update_many()
        .col_expr(Column::Tries, Expr::col(Column::Tries).add(1))
        .filter(Column::Token.eq(token.clone()))
        .filter(Column::Tries.lt(most))
        .filter(Column::Expires.gt(now))
        .exec(db)
        .await?;
    Ok(counted.rows_affected == 1)
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

/// Takes the live token of this user, if it was sent to the address that is still theirs; of any
/// number of callers exactly one gets it.
pub async fn consume_for(
    db: &impl ConnectionTrait,
    (kind, user_id, identifier): (TokenKind, Uuid, &str),
    token: &Digest,
    now: DateTimeUtc,
) -> Result<Option<Model>, DbErr> {
    let taken = Entity::delete_many()
        .filter(Column::Token.eq(token.clone()))
        .filter(Column::Kind.eq(kind))
        .filter(Column::UserId.eq(user_id))
        .filter(Column::Identifier.eq(identifier))
        .filter(Column::Expires.gt(now))
        .exec_with_returning(db)
        .await?;
    Ok(taken.into_iter().next())
}

/// Forgets those of one kind that were written for an address and are nobody's.
pub async fn forget_nobodys(
    db: &impl ConnectionTrait,
    kind: TokenKind,
    identifier: &str,
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::Kind.eq(kind))
        .filter(Column::UserId.is_null())
        .filter(Column::Identifier.eq(identifier))
        .exec(db)
        .await
        .map(drop)
}

/// Forgets tokens that expired before `now`.
pub async fn sweep(db: &impl ConnectionTrait, now: DateTimeUtc) -> Result<u64, DbErr> {
    Ok(Entity::delete_many()
        .filter(Column::Expires.lte(now))
        .exec(db)
        .await?
        .rows_affected)
}
