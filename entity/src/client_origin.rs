//! `client_origin`: the browser origins from which a client's pages may call us (CORS). A table of
//! its own because a preflight names an origin and no client.

use sea_orm::{QueryOrder, Set, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client_origin")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: Uuid,
    /// `scheme://host[:port]`, as a browser writes it in `Origin`.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub origin: String,
    #[sea_orm(belongs_to, from = "client_id", to = "id", on_delete = "Cascade")]
    pub client: BelongsTo<super::client::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Whether any enabled client registered this origin, byte for byte.
pub async fn is_registered(db: &impl ConnectionTrait, origin: &str) -> Result<bool, DbErr> {
    Ok(Entity::find()
        .filter(Column::Origin.eq(origin))
        .inner_join(super::client::Entity)
        .filter(super::client::Column::DisabledAt.is_null())
        .one(db)
        .await?
        .is_some())
}

/// The origins of one client, in the order of the alphabet.
pub async fn of_client(db: &impl ConnectionTrait, client_id: Uuid) -> Result<Vec<String>, DbErr> {
    let rows = Entity::find()
        .filter(Column::ClientId.eq(client_id))
        .order_by_asc(Column::Origin)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.origin).collect())
}

/// Sets the origins of a client to exactly these.
pub async fn replace(
    db: &impl ConnectionTrait,
    client_id: Uuid,
    origins: impl IntoIterator<Item = String>,
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::ClientId.eq(client_id))
        .exec(db)
        .await?;
    for origin in origins {
        let row = ActiveModel {
            client_id: Set(client_id),
            origin: Set(origin),
        };
        Entity::insert(row).exec_without_returning(db).await?;
    }
    Ok(())
}
