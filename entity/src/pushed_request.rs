//! `pushed_request`: an authorization request that a client left with us (RFC 9126), until it is
//! answered once.

use sea_orm::{SqlErr, entity::prelude::*, sea_query::Expr};

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

/// Adds a request. Answers whether its client still is there: it may have gone a moment ago.
pub async fn add(db: &impl ConnectionTrait, row: ActiveModel) -> Result<bool, DbErr> {
    match Entity::insert(row).exec_without_returning(db).await {
        Ok(_) => Ok(true),
        Err(error) => match error.sql_err() {
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => Ok(false),
            _ => Err(error),
        },
    }
}

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

/// Forgets requests that ended before `before`. One that has ended can still be answered by a person
/// who began in time, so it is kept for as long as a person may take.
pub async fn sweep(db: &impl ConnectionTrait, before: DateTimeUtc) -> Result<u64, DbErr> {
    Ok(Entity::delete_many()
        .filter(Column::ExpiresAt.lte(before))
        .exec(db)
        .await?
        .rows_affected)
}
