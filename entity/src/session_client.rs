//! `session_client`: which clients learned of a session, so that they can be told when it ends
//! (OpenID Connect Front-Channel Logout, Back-Channel Logout).

use sea_orm::{Set, SqlErr, entity::prelude::*, sea_query::OnConflict};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session_client")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub session_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: Uuid,
    #[sea_orm(belongs_to, from = "session_id", to = "id", on_delete = "Cascade")]
    pub session: BelongsTo<super::session::Entity>,
    #[sea_orm(belongs_to, from = "client_id", to = "id", on_delete = "Cascade")]
    pub client: BelongsTo<super::client::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Notes that a client learned of a session; doing so twice is doing so once. Answers whether both
/// still are there: either may have gone a moment ago.
pub async fn note(
    db: &impl ConnectionTrait,
    session_id: Uuid,
    client_id: Uuid,
) -> Result<bool, DbErr> {
    let row = ActiveModel {
        session_id: Set(session_id),
        client_id: Set(client_id),
    };
    let noted = Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::SessionId, Column::ClientId])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await;
    match noted {
        Ok(_) => Ok(true),
        Err(error) => match error.sql_err() {
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => Ok(false),
            _ => Err(error),
        },
    }
}

/// The enabled clients that learned of these sessions, each with its session.
pub async fn of_sessions(
    db: &impl ConnectionTrait,
    sessions: &[Uuid],
) -> Result<Vec<(Uuid, super::client::Model)>, DbErr> {
    let found = Entity::find()
        .filter(Column::SessionId.is_in(sessions.iter().copied()))
        .find_also_related(super::client::Entity)
        .filter(super::client::Column::DisabledAt.is_null())
        .all(db)
        .await?;
    Ok(found
        .into_iter()
        .filter_map(|(row, client)| Some((row.session_id, client?)))
        .collect())
}
