//! `pushed_request`: an authorization request that a client left with us (RFC 9126), until it is
//! answered once.

use sea_orm::{entity::prelude::*, sea_query::Expr};

use crate::value::{Digest, Sealed};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pushed_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The digest of the random part of `request_uri`.
    #[sea_orm(unique)]
    pub request_uri: Digest,
    pub client_id: Uuid,
    pub request: Sealed,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub consumed_at: Option<DateTimeUtc>,
    #[sea_orm(belongs_to, from = "client_id", to = "id", on_delete = "Cascade")]
    pub client: BelongsTo<super::client::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// The live request of this client; reading it does not consume it, because a browser may load the
/// page twice before the person answers.
pub async fn live_for(
    db: &impl ConnectionTrait,
    client_id: Uuid,
    request_uri: &Digest,
    now: DateTimeUtc,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::RequestUri.eq(request_uri.clone()))
        .filter(Column::ClientId.eq(client_id))
        .filter(Column::ConsumedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .one(db)
        .await
}

/// Consumes the request when it is answered; of any number of callers exactly one succeeds.
pub async fn consume(db: &impl ConnectionTrait, id: Uuid, now: DateTimeUtc) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::ConsumedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::ConsumedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}
