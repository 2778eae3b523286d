//! `client_logo`: a copy of the picture that a client registered, so that no browser of a person asks
//! a stranger for it.

use sea_orm::{
    Condition, Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, OnConflict},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client_logo")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: Uuid,
    /// What was fetched; a client that names another picture gets another copy.
    #[sea_orm(column_type = "Text")]
    pub logo_uri: String,
    /// None while there is no copy.
    #[sea_orm(column_type = "Text", nullable)]
    pub content_type: Option<String>,
    #[sea_orm(column_type = "Blob", nullable)]
    pub image: Option<Vec<u8>>,
    /// When somebody last set out to fetch it.
    pub tried_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "client_id", to = "id", on_delete = "Cascade")]
    pub client: BelongsTo<super::client::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// What is known of the picture at `logo_uri`.
pub async fn find(
    db: &impl ConnectionTrait,
    client_id: Uuid,
    logo_uri: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(client_id)
        .filter(Column::LogoUri.eq(logo_uri))
        .one(db)
        .await
}

/// Whether the caller is the one who fetches the picture now: nobody else set out since
/// `not_since`, or they did for another picture.
pub async fn claim(
    db: &impl ConnectionTrait,
    client_id: Uuid,
    logo_uri: &str,
    (now, not_since): (DateTimeUtc, DateTimeUtc),
) -> Result<bool, DbErr> {
    let row = ActiveModel {
        client_id: Set(client_id),
        logo_uri: Set(logo_uri.to_owned()),
        content_type: Set(None),
        image: Set(None),
        tried_at: Set(now),
    };
    let first = Entity::insert(row)
        .on_conflict(OnConflict::column(Column::ClientId).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    if first == 1 {
        return Ok(true);
    }
    let due = Condition::any()
        .add(Column::LogoUri.ne(logo_uri))
        .add(Column::Image.is_null().and(Column::TriedAt.lt(not_since)));
    let again = Entity::update_many()
        .col_expr(Column::LogoUri, Expr::value(logo_uri))
        .col_expr(Column::ContentType, Expr::value(None::<String>))
        .col_expr(Column::Image, Expr::value(None::<Vec<u8>>))
        .col_expr(Column::TriedAt, Expr::value(now))
        .filter(Column::ClientId.eq(client_id))
        .filter(due)
        .exec(db)
        .await?;
    Ok(again.rows_affected == 1)
}

/// Keeps what was fetched, unless the client names another picture by now.
pub async fn keep(
    db: &impl ConnectionTrait,
    client_id: Uuid,
    logo_uri: &str,
    (content_type, image): (&str, &[u8]),
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::ContentType, Expr::value(content_type))
        .col_expr(Column::Image, Expr::value(image.to_vec()))
        .filter(Column::ClientId.eq(client_id))
        .filter(Column::LogoUri.eq(logo_uri))
        .exec(db)
        .await
        .map(drop)
}
