//! `upstream_arrival`: somebody who came back from a provider and has no place here yet: they must
//! sign in to the account that is theirs first, or prove an address.

use sea_orm::{
    entity::prelude::*,
    sea_query::{Expr, ExprTrait},
};

use crate::value::{Digest, Sealed};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "upstream_arrival")]
pub struct Model {
    /// The digest of the secret that the browser was given.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token: Digest,
    #[sea_orm(column_type = "Text")]
    pub provider: String,
    #[sea_orm(column_type = "Text")]
    pub issuer: String,
    /// Who they are there.
    #[sea_orm(column_type = "Text")]
    pub subject: String,
    /// The digest of the visitor cookie of the browser that they came in.
    #[sea_orm(column_type = "Text")]
    pub visitor: String,
    /// Whose account it may be linked to, and nobody else's. None for somebody who has none.
    pub user_id: Option<Uuid>,
    /// The address that a newcomer is about to prove.
    #[sea_orm(column_type = "Text", nullable)]
    pub email: Option<String>,
    /// The digest of the code in the letter to it.
    pub code: Option<Digest>,
    /// How often a code was tried.
    #[sea_orm(default_value = 0)]
    pub tries: i32,
    /// Sealed: what the provider said.
    pub payload: Sealed,
    /// The sealed flow that this browser was in, to go on with.
    #[sea_orm(column_type = "Text", nullable)]
    pub flow: Option<String>,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<Option<super::user::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

pub async fn add(db: &impl ConnectionTrait, row: ActiveModel) -> Result<(), DbErr> {
    Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// The arrival of this browser; looking at it does not use it up.
pub async fn peek(
    db: &impl ConnectionTrait,
    token: &Digest,
    visitor: &str,
    now: DateTimeUtc,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(token.clone())
        .filter(Column::Visitor.eq(visitor))
        .filter(Column::ExpiresAt.gt(now))
        .one(db)
        .await
}

/// Uses up the arrival of this browser, for `user_id` or for somebody who has no account; of any number
/// who ask for it one gets it.
pub async fn take(
    db: &impl ConnectionTrait,
    token: &Digest,
    (visitor, user_id): (&str, Option<Uuid>),
    now: DateTimeUtc,
) -> Result<Option<Model>, DbErr> {
    let whose = match user_id {
        Some(id) => Column::UserId.eq(id),
        None => Column::UserId.is_null(),
    };
    let taken = Entity::delete_many()
        .filter(Column::Token.eq(token.clone()))
        .filter(Column::Visitor.eq(visitor))
        .filter(whose)
        .filter(Column::ExpiresAt.gt(now))
        .exec_with_returning(db)
        .await?;
    Ok(taken.into_iter().next())
}

/// Notes the address that a newcomer is about to prove, with the code of the letter to it. The code of
/// a letter before is worth nothing from now on.
pub async fn await_code(
    db: &impl ConnectionTrait,
    token: &Digest,
    (email, code): (&str, &Digest),
    now: DateTimeUtc,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::Email, Expr::value(email))
        .col_expr(Column::Code, Expr::value(code.clone()))
        .col_expr(Column::Tries, Expr::value(0))
        .filter(Column::Token.eq(token.clone()))
        .filter(Column::UserId.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Counts one try of a code before it is compared: of any number at once no more than `most` may.
pub async fn count_try(
    db: &impl ConnectionTrait,
    token: &Digest,
    most: i32,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::Tries, Expr::col(Column::Tries).add(1))
        .filter(Column::Token.eq(token.clone()))
        .filter(Column::Tries.lt(most))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Forgets what a provider said of somebody: what they began before is not for later.
pub async fn forget(
    db: &impl ConnectionTrait,
    (provider, subject): (&str, &str),
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::Provider.eq(provider))
        .filter(Column::Subject.eq(subject))
        .exec(db)
        .await
        .map(drop)
}

/// Forgets arrivals that nobody went on with in time.
pub async fn sweep(db: &impl ConnectionTrait, now: DateTimeUtc) -> Result<u64, DbErr> {
    Ok(Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now))
        .exec(db)
        .await?
        .rows_affected)
}
