//! `known_device`: a browser in which somebody has signed in before. It softens limits and nothing
//! else: knowing it proves nothing.

use sea_orm::{
    QueryOrder, QuerySelect, QueryTrait, Set, entity::prelude::*, sea_query::OnConflict,
};

/// So many are remembered of one user: who knows a password once must not be known in any number of
/// browsers.
const MOST: u64 = 20;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "known_device")]
pub struct Model {
    /// The digest of the visitor cookie.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub device: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// When somebody last signed in there.
    pub seen_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<super::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Remembers that `user_id` has signed in there, and forgets the one where that was longest ago if
/// these are too many.
pub async fn remember(
    db: &impl ConnectionTrait,
    device: &str,
    user_id: Uuid,
    now: DateTimeUtc,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        device: Set(device.to_owned()),
        user_id: Set(user_id),
        seen_at: Set(now),
    };
    let again = OnConflict::columns([Column::Device, Column::UserId])
        .update_column(Column::SeenAt)
        .to_owned();
    Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(db)
        .await?;
    let newest = Entity::find()
        .select_only()
        .column(Column::Device)
        .filter(Column::UserId.eq(user_id))
        .filter(Column::Device.ne(device))
        .order_by_desc(Column::SeenAt)
        .order_by_asc(Column::Device)
        .limit(MOST - 1)
        .into_query();
    Entity::delete_many()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::Device.ne(device))
        .filter(Column::Device.not_in_subquery(newest))
        .exec(db)
        .await
        .map(drop)
}

/// Whether `user_id` has signed in there since `since`.
pub async fn is_known(
    db: &impl ConnectionTrait,
    device: &str,
    user_id: Uuid,
    since: DateTimeUtc,
) -> Result<bool, DbErr> {
    let found = Entity::find_by_id((device.to_owned(), user_id))
        .filter(Column::SeenAt.gt(since))
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Forgets every device of `user_id`, because whoever signed in there may not be who they are.
pub async fn forget_user(db: &impl ConnectionTrait, user_id: Uuid) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::UserId.eq(user_id))
        .exec(db)
        .await
        .map(drop)
}

/// Forgets devices that were last seen before `before`.
pub async fn sweep(db: &impl ConnectionTrait, before: DateTimeUtc) -> Result<u64, DbErr> {
    Ok(Entity::delete_many()
        .filter(Column::SeenAt.lte(before))
        .exec(db)
        .await?
        .rows_affected)
}
