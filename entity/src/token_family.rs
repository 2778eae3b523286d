//! `token_family`: everything that came of one redeemed code. Ending the family ends all of it.

use sea_orm::{Condition, SqlErr, entity::prelude::*, sea_query::Expr};

use crate::value::{Amr, ClaimsRequest, Confirmation, Names, Scope};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token_family")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub client_id: Uuid,
    pub user_id: Uuid,
    /// The session that gave it: the `sid` of its tokens, also after the session has ended.
    pub session_id: Uuid,
    /// With `offline_access` it outlives its session (OpenID Connect Core §11); otherwise it ends
    /// with it.
    pub offline: bool,
    /// What the person allowed; a refresh may ask for less, never for more (RFC 6749 §6).
    pub scope: Scope,
    /// Single claims that were asked for (OpenID Connect Core §5.5).
    pub claims: Option<ClaimsRequest>,
    /// The resources that its tokens may be for; none in particular if empty (RFC 8707 §2).
    #[sea_orm(default_value = "[]")]
    pub resources: Names,
    /// The key to which the refresh tokens of a public client are bound (RFC 9449 §5, RFC 8705 §4).
    pub confirmation: Option<Confirmation>,
    pub auth_time: DateTimeUtc,
    pub amr: Amr,
    #[sea_orm(column_type = "Text")]
    pub acr: String,
    pub created_at: DateTimeUtc,
    /// The absolute end, however often it is refreshed.
    pub expires_at: DateTimeUtc,
    pub revoked_at: Option<DateTimeUtc>,
    #[sea_orm(belongs_to, from = "client_id", to = "id", on_delete = "Cascade")]
    pub client: BelongsTo<super::client::Entity>,
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<super::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Adds a family; none if the user or the client has gone a moment ago.
pub async fn add(db: &impl ConnectionTrait, row: ActiveModel) -> Result<Option<Model>, DbErr> {
    match row.insert(db).await {
        Ok(row) => Ok(Some(row)),
        Err(error) => match error.sql_err() {
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => Ok(None),
            _ => Err(error),
        },
    }
}

/// The family, if it is live.
pub async fn live(
    db: &impl ConnectionTrait,
    id: Uuid,
    now: DateTimeUtc,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id)
        .filter(Column::RevokedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .one(db)
        .await
}

/// Binds a family that is bound to no key yet. Answers whether it was not.
pub async fn bind(
    db: &impl ConnectionTrait,
    id: Uuid,
    confirmation: &Confirmation,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::Confirmation, Expr::value(confirmation.clone()))
        .filter(Column::Id.eq(id))
        .filter(Column::Confirmation.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Ends one family. Answers whether it was live.
pub async fn revoke(db: &impl ConnectionTrait, id: Uuid, now: DateTimeUtc) -> Result<bool, DbErr> {
    Ok(revoke_where(db, Condition::all().add(Column::Id.eq(id)), now).await? == 1)
}

/// Ends what a client holds for a user.
pub async fn revoke_grant(
    db: &impl ConnectionTrait,
    user_id: Uuid,
    client_id: Uuid,
    now: DateTimeUtc,
) -> Result<u64, DbErr> {
    let grant = Condition::all()
        .add(Column::UserId.eq(user_id))
        .add(Column::ClientId.eq(client_id));
    revoke_where(db, grant, now).await
}

/// Ends every family of a user.
pub async fn revoke_user(
    db: &impl ConnectionTrait,
    user_id: Uuid,
    now: DateTimeUtc,
) -> Result<u64, DbErr> {
    revoke_where(db, Condition::all().add(Column::UserId.eq(user_id)), now).await
}

/// Ends the families that live only as long as these sessions.
pub async fn revoke_sessions(
    db: &impl ConnectionTrait,
    sessions: &[Uuid],
    now: DateTimeUtc,
) -> Result<u64, DbErr> {
    let own = Condition::all()
        .add(Column::SessionId.is_in(sessions.iter().copied()))
        .add(Column::Offline.eq(false));
    revoke_where(db, own, now).await
}

async fn revoke_where(
    db: &impl ConnectionTrait,
    which: Condition,
    now: DateTimeUtc,
) -> Result<u64, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .filter(which)
        .filter(Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected)
}

/// Forgets families whose absolute end is before `before`, with their refresh tokens.
pub async fn sweep(db: &impl ConnectionTrait, before: DateTimeUtc) -> Result<u64, DbErr> {
    Ok(Entity::delete_many()
        .filter(Column::ExpiresAt.lte(before))
        .exec(db)
        .await?
        .rows_affected)
}
