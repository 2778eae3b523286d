//! `account`: one way in for one user. The seed's entity; a pair of provider and subject is unique.

pub mod moving;

use sea_orm::{QueryOrder, Set, entity::prelude::*};

use crate::value::{AccountType, Sealed};

/// The provider name of e-mail and password.
pub const EMAIL: &str = "email";

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    #[sea_orm(column_type = "Text", unique_key = "way_in")]
    pub provider: String,
    /// The provider's name for the person; for `email`, the user's id.
    #[sea_orm(column_type = "Text", unique_key = "way_in")]
    pub provider_account_id: String,
    #[sea_orm(column_name = "type")]
    pub account_type: AccountType,
    pub refresh_token: Option<Sealed>,
    pub access_token: Option<Sealed>,
    /// When the access token ends, in seconds since 1970.
    pub expires_at: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub token_type: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub scope: Option<String>,
    pub id_token: Option<Sealed>,
    #[sea_orm(column_type = "Text", nullable)]
    pub session_state: Option<String>,
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<super::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// The row that every user with e-mail and password has.
pub async fn add_credentials(
    db: &impl ConnectionTrait,
    id: Uuid,
    user_id: Uuid,
) -> Result<Model, DbErr> {
    let row = ActiveModel {
        id: Set(id),
        user_id: Set(user_id),
        provider: Set(EMAIL.to_owned()),
        provider_account_id: Set(user_id.to_string()),
        account_type: Set(AccountType::Credentials),
        ..Default::default()
    };
    row.insert(db).await
}

/// All ways in of one user, oldest first.
pub async fn of_user(db: &impl ConnectionTrait, user_id: Uuid) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::UserId.eq(user_id))
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Takes away every way in of one user but the password.
pub async fn forget_linked(db: &impl ConnectionTrait, user_id: Uuid) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::AccountType.ne(AccountType::Credentials))
        .exec(db)
        .await
        .map(drop)
}
