//! `account`: one way in for one user. The seed's entity; a pair of provider and subject is unique.

pub mod moving;

use sea_orm::{QueryOrder, Set, entity::prelude::*, sea_query::OnConflict};

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
    /// The issuer whose subject it is: the same subject of another one is somebody else.
    #[sea_orm(column_type = "Text", nullable)]
    pub issuer: Option<String>,
    /// What the person is called there, such as their address.
    #[sea_orm(column_type = "Text", nullable)]
    pub display: Option<String>,
    pub linked_at: Option<DateTimeUtc>,
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

/// The way in of somebody whom a provider calls `subject`.
pub async fn by_subject(
    db: &impl ConnectionTrait,
    provider: &str,
    subject: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::Provider.eq(provider))
        .filter(Column::ProviderAccountId.eq(subject))
        .one(db)
        .await
}

/// Adds a way in. Answers whether it was nobody's: of any number who come at once, to one.
pub async fn link(db: &impl ConnectionTrait, row: ActiveModel) -> Result<bool, DbErr> {
    let nobody_elses = OnConflict::columns([Column::Provider, Column::ProviderAccountId])
        .do_nothing()
        .to_owned();
    let added = Entity::insert(row)
        .on_conflict(nobody_elses)
        .exec_without_returning(db)
        .await?;
    Ok(added == 1)
}

/// Gives a way in of `user_id` what `row` says, such as new tokens.
pub async fn renew(
    db: &impl ConnectionTrait,
    (user_id, id): (Uuid, Uuid),
    row: ActiveModel,
) -> Result<(), DbErr> {
    Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(id))
        .filter(Column::UserId.eq(user_id))
        .exec(db)
        .await
        .map(drop)
}

/// The same for new tokens, if the refresh token is still the one by which they were got: of two who
/// ask at once, the later answer must not cover the newer tokens.
pub async fn refresh(
    db: &impl ConnectionTrait,
    (user_id, id): (Uuid, Uuid),
    known: &Sealed,
    row: ActiveModel,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(id))
        .filter(Column::UserId.eq(user_id))
        .filter(Column::RefreshToken.eq(known.clone()))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Takes a way in away from `user_id`, with the tokens that belong to it; never the one by password.
pub async fn unlink(db: &impl ConnectionTrait, user_id: Uuid, id: Uuid) -> Result<bool, DbErr> {
    let gone = Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::UserId.eq(user_id))
        .filter(Column::AccountType.ne(AccountType::Credentials))
        .exec(db)
        .await?;
    Ok(gone.rows_affected == 1)
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
