//! `device_code`: a device that waits for a person to answer on another one (RFC 8628).

use sea_orm::{entity::prelude::*, sea_query::Expr};

use crate::value::{Digest, Scope};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device_code")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub device_code: Digest,
    #[sea_orm(unique)]
    pub user_code: Digest,
    pub client_id: Uuid,
    pub scope: Scope,
    /// Who answered, once somebody has.
    pub user_id: Option<Uuid>,
    pub session_id: Option<Uuid>,
    pub approved_at: Option<DateTimeUtc>,
    pub denied_at: Option<DateTimeUtc>,
    pub consumed_at: Option<DateTimeUtc>,
    pub last_polled_at: Option<DateTimeUtc>,
    /// Seconds that the device must leave between two polls.
    pub interval: i32,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "client_id", to = "id", on_delete = "Cascade")]
    pub client: BelongsTo<super::client::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Redeems an approved code for its client; of any number of callers exactly one gets the row.
pub async fn consume(
    db: &impl ConnectionTrait,
    client_id: Uuid,
    device_code: &Digest,
    now: DateTimeUtc,
) -> Result<Option<Model>, DbErr> {
    let taken = Entity::update_many()
        .col_expr(Column::ConsumedAt, Expr::value(now))
        .filter(Column::DeviceCode.eq(device_code.clone()))
        .filter(Column::ClientId.eq(client_id))
        .filter(Column::ApprovedAt.is_not_null())
        .filter(Column::ConsumedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .exec_with_returning(db)
        .await?;
    Ok(taken.into_iter().next())
}
