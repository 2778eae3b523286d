//! `event`: what happened to whom, for the person and for the operator. Holds no secret.

use sea_orm::{QueryOrder, QuerySelect, entity::prelude::*};

use crate::value::EventKind;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub at: DateTimeUtc,
    pub kind: EventKind,
    /// No foreign key: an event outlives the user whom it is about.
    pub user_id: Option<Uuid>,
    pub client_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub ip: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub user_agent: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

pub async fn add(db: &impl ConnectionTrait, row: ActiveModel) -> Result<(), DbErr> {
    Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// The same for many at once.
pub async fn add_all(db: &impl ConnectionTrait, rows: Vec<ActiveModel>) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    Entity::insert_many(rows)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// The newest events of one user.
pub async fn of_user(
    db: &impl ConnectionTrait,
    user_id: Uuid,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::UserId.eq(user_id))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// The newest event of one kind that happened to a user before `before`.
pub async fn last_before(
    db: &impl ConnectionTrait,
    user_id: Uuid,
    kind: EventKind,
    before: DateTimeUtc,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::Kind.eq(kind))
        .filter(Column::At.lt(before))
        .order_by_desc(Column::Id)
        .one(db)
        .await
}

/// A page of what happened to one user, newest first: the events of these kinds that are older than
/// the one with the id `before`, whosever that is.
pub async fn page_of(
    db: &impl ConnectionTrait,
    user_id: Uuid,
    kinds: &[EventKind],
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut found = Entity::find()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::Kind.is_in(kinds.iter().copied()));
    if let Some(before) = before {
        found = found.filter(Column::Id.lt(before));
    }
    found.order_by_desc(Column::Id).limit(limit).all(db).await
}

/// The next `limit` events of one user, newest first: those before the one with the id `before`.
pub async fn of_user_before(
    db: &impl ConnectionTrait,
    user_id: Uuid,
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut found = Entity::find().filter(Column::UserId.eq(user_id));
    if let Some(before) = before {
        found = found.filter(Column::Id.lt(before));
    }
    found.order_by_desc(Column::Id).limit(limit).all(db).await
}

/// Forgets events of these kinds about nobody, older than `before`: strangers can make as many as they
/// like.
pub async fn sweep_nameless(
    db: &impl ConnectionTrait,
    kinds: &[EventKind],
    before: DateTimeUtc,
) -> Result<u64, DbErr> {
    let gone = Entity::delete_many()
        .filter(Column::Kind.is_in(kinds.iter().copied()))
        .filter(Column::UserId.is_null())
        .filter(Column::ClientId.is_null())
        .filter(Column::At.lte(before))
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}

/// Forgets events older than `before`.
pub async fn sweep(db: &impl ConnectionTrait, before: DateTimeUtc) -> Result<u64, DbErr> {
    Ok(Entity::delete_many()
        .filter(Column::At.lte(before))
        .exec(db)
        .await?
        .rows_affected)
}
