//! `user`: a person with an account. The seed's entity, with the `sub` that tokens carry.

pub mod leaving;
pub mod moving;

use sea_orm::{
    Condition, QuerySelect, SqlErr,
    entity::prelude::*,
    sea_query::{Expr, LockType},
};

use crate::value::{Role, StandardClaims};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The `sub` of every token, the `id` of the JSON API, and what a back end stores as
    /// `better_auth_id`. Equals `id` unless the user was imported. Never reused.
    #[sea_orm(unique, column_type = "Text")]
    pub subject: String,
    /// Canonical: one spelling for one mailbox (see `accounts::email`).
    #[sea_orm(unique, column_type = "Text")]
    pub email: String,
    /// When the address was proven.
    pub email_verified: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub name: Option<String>,
    /// A PHC string, or nothing for a person who has no password.
    #[sea_orm(column_type = "Text", nullable)]
    pub password_hash: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub image: Option<String>,
    /// The other standard claims of OpenID Connect Core §5.1.
    pub profile: StandardClaims,
    pub role: Role,
    pub disabled_at: Option<DateTimeUtc>,
    /// When it is removed, because its owner said so. Until then it is disabled, and its owner may
    /// come back.
    pub deletes_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Whether they have asked to be removed, and still may come back.
    pub fn is_leaving(&self, now: DateTimeUtc) -> bool {
        self.deletes_at.is_some_and(|at| at > now)
    }
}

/// Why a row could not be added.
#[derive(Debug)]
pub enum AddError {
    /// The address or the subject belongs to somebody else.
    Taken,
    Db(DbErr),
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// The same, held until the transaction ends: whoever disables the user or changes the password
/// waits, and then sees what the transaction did. Who only adds a row that names the user, such as
/// tokens, does not wait.
pub async fn find_held(tx: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    let found = Entity::find_by_id(id);
    found.lock(LockType::NoKeyUpdate).one(tx).await
}

/// By canonical address.
pub async fn by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::Email.eq(email)).one(db).await
}

/// The same, held until the transaction ends.
pub async fn by_email_held(tx: &impl ConnectionTrait, email: &str) -> Result<Option<Model>, DbErr> {
    let found = Entity::find().filter(Column::Email.eq(email));
    found.lock(LockType::NoKeyUpdate).one(tx).await
}

pub async fn by_subject(db: &impl ConnectionTrait, sub: &str) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::Subject.eq(sub)).one(db).await
}

/// A page of users in the order of their creation, after `after` if given.
pub async fn page(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    use sea_orm::QueryOrder;
    let mut query = Entity::find().order_by_asc(Column::Id).limit(limit);
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after));
    }
    query.all(db).await
}

/// Adds a user; the database's unique index decides between two that come at once.
pub async fn add(db: &impl ConnectionTrait, row: ActiveModel) -> Result<Model, AddError> {
    row.insert(db).await.map_err(|error| match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => AddError::Taken,
        _ => AddError::Db(error),
    })
}

/// Replaces the password hash, but only if it still is `known`: a hash that was verified a moment
/// ago must not overwrite one that was set since.
pub async fn replace_password(
    db: &impl ConnectionTrait,
    id: Uuid,
    known: Option<&str>,
    hash: &str,
    now: DateTimeUtc,
) -> Result<bool, DbErr> {
    let known = match known {
        Some(known) => Column::PasswordHash.eq(known),
        None => Column::PasswordHash.is_null(),
    };
    let done = Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(hash))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Condition::all().add(Column::Id.eq(id)).add(known))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Marks the address as proven, but only if it still is `email`.
pub async fn verify_email(
    db: &impl ConnectionTrait,
    id: Uuid,
    email: &str,
    now: DateTimeUtc,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::EmailVerified, Expr::value(now))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::Email.eq(email))
        .filter(Column::EmailVerified.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Sets what a person says about themselves, or what is known of them from elsewhere: name, picture, and
/// the other claims. Nothing if the user is gone.
pub async fn state(
    db: &impl ConnectionTrait,
    id: Uuid,
    (name, image, profile): (Option<String>, Option<String>, StandardClaims),
    now: DateTimeUtc,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Name, Expr::value(name))
        .col_expr(Column::Image, Expr::value(image))
        .col_expr(Column::Profile, Expr::value(profile))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await
        .map(drop)
}

/// Changes the address to one that is proven now, but only if it still is `known`; the unique index
/// decides between two who want the same.
pub async fn change_email(
    db: &impl ConnectionTrait,
    id: Uuid,
    (known, new): (&str, &str),
    now: DateTimeUtc,
) -> Result<bool, AddError> {
    let done = Entity::update_many()
        .col_expr(Column::Email, Expr::value(new))
        .col_expr(Column::EmailVerified, Expr::value(now))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::Email.eq(known))
        .filter(Column::DisabledAt.is_null())
        .exec(db)
        .await;
    done.map(|done| done.rows_affected == 1)
        .map_err(|error| match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => AddError::Taken,
            _ => AddError::Db(error),
        })
}

/// Disables the user, or enables them. Answers whether that changed anything. Either way nobody is
/// leaving any more: whoever is disabled by somebody else does not come back by their own word.
pub async fn set_disabled(
    db: &impl ConnectionTrait,
    id: Uuid,
    disabled: bool,
    now: DateTimeUtc,
) -> Result<bool, DbErr> {
    let (value, before) = if disabled {
        let enabled = Condition::any().add(Column::DisabledAt.is_null());
        (Some(now), enabled.add(Column::DeletesAt.is_not_null()))
    } else {
        let disabled = Column::DisabledAt.is_not_null();
        (None, Condition::all().add(disabled))
    };
    let done = Entity::update_many()
        .col_expr(Column::DisabledAt, Expr::value(value))
        .col_expr(Column::DeletesAt, Expr::value(None::<DateTimeUtc>))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(before)
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Removes the user and, by foreign key, everything that is the user's alone.
pub async fn remove(db: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    Ok(Entity::delete_by_id(id).exec(db).await?.rows_affected == 1)
}
