//! `refresh_token`: one link of a family's chain. At most one link of a family is live.

use sea_orm::{Set, entity::prelude::*, sea_query::Expr};

use crate::value::Digest;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub token: Digest,
    pub family_id: Uuid,
    pub created_at: DateTimeUtc,
    /// The idle end.
    pub expires_at: DateTimeUtc,
    pub spent_at: Option<DateTimeUtc>,
    #[sea_orm(belongs_to, from = "family_id", to = "id", on_delete = "Cascade")]
    pub family: BelongsTo<super::token_family::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

pub async fn add(
    db: &impl ConnectionTrait,
    id: Uuid,
    family_id: Uuid,
    token: Digest,
    (now, expires_at): (DateTimeUtc, DateTimeUtc),
) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(id),
        token: Set(token),
        family_id: Set(family_id),
        created_at: Set(now),
        expires_at: Set(expires_at),
        ..Default::default()
    };
    Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// The token, live or not, with its family.
pub async fn find(
    db: &impl ConnectionTrait,
    token: &Digest,
) -> Result<Option<(Model, super::token_family::Model)>, DbErr> {
    let found = Entity::find()
        .filter(Column::Token.eq(token.clone()))
        .find_also_related(super::token_family::Entity)
        .one(db)
        .await?;
    Ok(found.and_then(|(token, family)| family.map(|family| (token, family))))
}

/// When each client that acts for a user was last given a refresh token.
pub async fn last_of_user(
    db: &impl ConnectionTrait,
    user_id: Uuid,
) -> Result<Vec<(Uuid, DateTimeUtc)>, DbErr> {
    use super::token_family::Column as Family;
    use sea_orm::QuerySelect;
    Entity::find()
        .select_only()
        .column(Family::ClientId)
        .column_as(Column::CreatedAt.max(), "last")
        .inner_join(super::token_family::Entity)
        .filter(Family::UserId.eq(user_id))
        .group_by(Family::ClientId)
        .into_tuple()
        .all(db)
        .await
}

/// Spends the live token; of any number of callers exactly one succeeds.
pub async fn spend(
    db: &impl ConnectionTrait,
    token: &Digest,
    now: DateTimeUtc,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::SpentAt, Expr::value(now))
        .filter(Column::Token.eq(token.clone()))
        .filter(Column::SpentAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Moves the idle end of a live token on, where tokens are not rotated.
pub async fn extend(
    db: &impl ConnectionTrait,
    token: &Digest,
    expires_at: DateTimeUtc,
    now: DateTimeUtc,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::value(expires_at))
        .filter(Column::Token.eq(token.clone()))
        .filter(Column::SpentAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// How many links of a family are live: never more than one.
pub async fn live_links(
    db: &impl ConnectionTrait,
    family_id: Uuid,
    now: DateTimeUtc,
) -> Result<u64, DbErr> {
    use sea_orm::PaginatorTrait;
    Entity::find()
        .filter(Column::FamilyId.eq(family_id))
        .filter(Column::SpentAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .count(db)
        .await
}
