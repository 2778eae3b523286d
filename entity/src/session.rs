//! `session`: one browser in which a person is signed in. The seed's entity, with what tokens must
//! say about the sign-in.

use sea_orm::{
    QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, LockType},
};

use crate::value::{Amr, Digest};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// Also the `sid` of tokens. Never a secret.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    /// The idle end: moves on with use, never past `ends_at`.
    pub expires: DateTimeUtc,
    /// The digest of the cookie's value.
    #[sea_orm(unique)]
    pub session_token: Digest,
    /// The absolute end.
    pub ends_at: DateTimeUtc,
    /// When the person last proved who they are; only a real sign-in moves it.
    pub auth_time: DateTimeUtc,
    pub amr: Amr,
    #[sea_orm(column_type = "Text")]
    pub acr: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub ip: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub user_agent: Option<String>,
    pub created_at: DateTimeUtc,
    pub last_seen: DateTimeUtc,
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<super::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// A person in a browser, signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub session: Model,
    pub user: super::user::Model,
}

/// The live session of a cookie with its user. A disabled user has no live session.
pub async fn live(
    db: &impl ConnectionTrait,
    token: &Digest,
    now: DateTimeUtc,
) -> Result<Option<SignedIn>, DbErr> {
    let found = Entity::find()
        .filter(Column::SessionToken.eq(token.clone()))
        .filter(Column::Expires.gt(now))
        .filter(Column::EndsAt.gt(now))
        .find_also_related(super::user::Entity)
        .filter(super::user::Column::DisabledAt.is_null())
        .one(db)
        .await?;
    Ok(found.and_then(|(session, user)| user.map(|user| SignedIn { session, user })))
}

/// Whether a session is live; by its id, for what was bound to it. It stays so until the transaction
/// ends: whoever is about to end it waits, and then sees what the transaction bound to it.
pub async fn is_live(tx: &impl ConnectionTrait, id: Uuid, now: DateTimeUtc) -> Result<bool, DbErr> {
    let found = Entity::find_by_id(id)
        .filter(Column::Expires.gt(now))
        .filter(Column::EndsAt.gt(now))
        .lock(LockType::KeyShare)
        .one(tx)
        .await?;
    Ok(found.is_some())
}

/// Gives a session what `row` says, its token first of all; none if it has ended.
pub async fn renew(
    db: &impl ConnectionTrait,
    id: Uuid,
    row: ActiveModel,
) -> Result<Option<Model>, DbErr> {
    let renewed = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(id))
        .exec_with_returning(db)
        .await?;
    Ok(renewed.into_iter().next())
}

/// The live sessions of one user, newest first.
pub async fn of_user(
    db: &impl ConnectionTrait,
    user_id: Uuid,
    now: DateTimeUtc,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::Expires.gt(now))
        .filter(Column::EndsAt.gt(now))
        .order_by_desc(Column::Id)
        .all(db)
        .await
}

/// The live sessions of one user beyond `most`, which were used longest ago; never `but`.
pub async fn beyond(
    db: &impl ConnectionTrait,
    (user_id, but): (Uuid, Uuid),
    most: u64,
    now: DateTimeUtc,
) -> Result<Vec<Uuid>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::UserId.eq(user_id))
        .filter(Column::Id.ne(but))
        .filter(Column::Expires.gt(now))
        .filter(Column::EndsAt.gt(now))
        .order_by_desc(Column::LastSeen)
        .order_by_desc(Column::Id)
        .offset(most.saturating_sub(1))
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}

/// Moves the idle end on.
pub async fn touch(
    db: &impl ConnectionTrait,
    id: Uuid,
    expires: DateTimeUtc,
    now: DateTimeUtc,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Expires, Expr::value(expires))
        .col_expr(Column::LastSeen, Expr::value(now))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await
        .map(drop)
}

/// The sessions of `user_id` that are about to end, held until the transaction does: whoever is
/// about to note a client for one of them waits, and then finds none. `only` that one, if it is
/// theirs, or all of them save `except`.
pub async fn hold(
    tx: &impl ConnectionTrait,
    user_id: Uuid,
    only: Option<Uuid>,
    except: Option<Uuid>,
) -> Result<Vec<Uuid>, DbErr> {
    let mut held = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::UserId.eq(user_id));
    if let Some(only) = only {
        held = held.filter(Column::Id.eq(only));
    }
    if let Some(except) = except {
        held = held.filter(Column::Id.ne(except));
    }
    held.order_by_asc(Column::Id)
        .lock_exclusive()
        .into_tuple()
        .all(tx)
        .await
}

/// Ends one session of `user_id`, and gives what it was. A foreign id is the same as a missing one.
pub async fn end_for(
    db: &impl ConnectionTrait,
    user_id: Uuid,
    id: Uuid,
) -> Result<Option<Model>, DbErr> {
    let ended = Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::UserId.eq(user_id))
        .exec_with_returning(db)
        .await?;
    Ok(ended.into_iter().next())
}

/// Ends every session of `user_id`, save `except`. Answers the ids that ended.
pub async fn end_all_for(
    db: &impl ConnectionTrait,
    user_id: Uuid,
    except: Option<Uuid>,
) -> Result<Vec<Uuid>, DbErr> {
    let mut gone = Entity::delete_many().filter(Column::UserId.eq(user_id));
    if let Some(except) = except {
        gone = gone.filter(Column::Id.ne(except));
    }
    Ok(gone
        .exec_with_returning(db)
        .await?
        .into_iter()
        .map(|row| row.id)
        .collect())
}

/// Forgets sessions that ended before `now`.
pub async fn sweep(db: &impl ConnectionTrait, now: DateTimeUtc) -> Result<u64, DbErr> {
    use sea_orm::Condition;
    let over = Condition::any()
        .add(Column::Expires.lte(now))
        .add(Column::EndsAt.lte(now));
    Ok(Entity::delete_many()
        .filter(over)
        .exec(db)
        .await?
        .rows_affected)
}
