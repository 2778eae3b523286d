//! `signing_key`: a key pair that signs tokens; its private half is sealed. What comes after what,
//! and for how long, is decided elsewhere.

use sea_orm::{Condition, QueryOrder, entity::prelude::*, sea_query::Expr};

use crate::value::{Sealed, SigningAlg};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    /// The RFC 7638 thumbprint of the public half.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub kid: String,
    pub alg: SigningAlg,
    /// PKCS#8, sealed with the root secret; the public JWK alone once it is no longer published.
    pub private_key: Sealed,
    pub created_at: DateTimeUtc,
    /// From when it signs; before, it is only published.
    pub signs_from: DateTimeUtc,
    /// When it is no longer published. None while it has no successor.
    pub published_until: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Where a key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Published, and does not sign yet.
    Next,
    /// Signs.
    Current,
    /// Signs no more; tokens that it signed still live.
    Retired,
    /// No longer published; it still recognises ID tokens that come back as hints.
    Remembered,
}

impl Standing {
    /// One word for people and programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current => "current",
            Self::Retired => "retired",
            Self::Remembered => "remembered",
        }
    }
}

impl Model {
    /// Where this one of `all` keys stands at `now`.
    pub fn standing(&self, all: &[Self], now: DateTimeUtc) -> Standing {
        if self.published_until.is_some_and(|until| until <= now) {
            return Standing::Remembered;
        }
        if self.signs_from > now {
            return Standing::Next;
        }
        match current(all, self.alg, now).is_some_and(|youngest| youngest.kid == self.kid) {
            true => Standing::Current,
            false => Standing::Retired,
        }
    }
}

/// The key of `alg` that signs at `now`: of those that may, the youngest.
pub fn current(all: &[Model], alg: SigningAlg, now: DateTimeUtc) -> Option<&Model> {
    all.iter()
        .rfind(|key| key.alg == alg && key.signs_from <= now)
}

/// The key of `alg` that is published at `now` and signs later.
pub fn next(all: &[Model], alg: SigningAlg, now: DateTimeUtc) -> Option<&Model> {
    all.iter()
        .find(|key| key.alg == alg && key.signs_from > now)
}

/// Every key that is known, in the order in which they sign.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .order_by_asc(Column::SignsFrom)
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Kid)
        .all(db)
        .await
}

/// Those that are published at `now`, in the order in which they sign.
pub async fn published(db: &impl ConnectionTrait, now: DateTimeUtc) -> Result<Vec<Model>, DbErr> {
    let mut known = all(db).await?;
    known.retain(|key| key.published_until.is_none_or(|until| until > now));
    Ok(known)
}

/// Lets one process at a time see which keys are missing and add them. On SQLite the transaction
/// has the write lock already.
pub async fn alone(tx: &sea_orm::DatabaseTransaction) -> Result<(), DbErr> {
    if tx.get_database_backend() == sea_orm::DbBackend::Postgres {
        tx.execute_unprepared("LOCK TABLE signing_key IN SHARE ROW EXCLUSIVE MODE")
            .await?;
    }
    Ok(())
}

/// Adds a key, in a transaction that is [`alone`].
pub async fn add(db: &impl ConnectionTrait, row: ActiveModel) -> Result<(), DbErr> {
    Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Lets the keys of `alg` that sign at `now` be published until then and no longer. A day that was
/// set before and is earlier stays.
pub async fn retire(
    db: &impl ConnectionTrait,
    alg: SigningAlg,
    now: DateTimeUtc,
    until: DateTimeUtc,
) -> Result<(), DbErr> {
    let later = Condition::any()
        .add(Column::PublishedUntil.is_null())
        .add(Column::PublishedUntil.gt(until));
    Entity::update_many()
        .col_expr(Column::PublishedUntil, Expr::value(until))
        .filter(Column::Alg.eq(alg))
        .filter(Column::SignsFrom.lte(now))
        .filter(later)
        .exec(db)
        .await
        .map(drop)
}

/// Takes back the keys of `alg` that have not signed yet.
pub async fn withdraw(
    db: &impl ConnectionTrait,
    alg: SigningAlg,
    now: DateTimeUtc,
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::Alg.eq(alg))
        .filter(Column::SignsFrom.gt(now))
        .exec(db)
        .await
        .map(drop)
}

/// Forgets one key, with everything that it signed. Answers whether there was one.
pub async fn forget(db: &impl ConnectionTrait, kid: &str) -> Result<bool, DbErr> {
    let gone = Entity::delete_by_id(kid).exec(db).await?;
    Ok(gone.rows_affected == 1)
}

/// Puts the sealed public half in the private one's place, of a key that is no longer published.
pub async fn strip(
    db: &impl ConnectionTrait,
    kid: &str,
    public: Sealed,
    now: DateTimeUtc,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::PrivateKey, Expr::value(public))
        .filter(Column::Kid.eq(kid))
        .filter(Column::PublishedUntil.lte(now))
        .exec(db)
        .await
        .map(drop)
}

/// Forgets the keys that were published until `before` or earlier.
pub async fn sweep(db: &impl ConnectionTrait, before: DateTimeUtc) -> Result<u64, DbErr> {
    let gone = Entity::delete_many()
        .filter(Column::PublishedUntil.lte(before))
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}
