//! `authorization_code`: what one answered authorization request is bound to, until it is redeemed
//! once (RFC 6749 §4.1.2), and afterwards, so that a replay finds what to end.

use sea_orm::{
    Condition, SqlErr,
    entity::prelude::*,
    sea_query::{Expr, Query},
};

use crate::value::{Amr, ClaimsRequest, Digest, Names, Scope};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "authorization_code")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub code: Digest,
    pub client_id: Uuid,
    pub user_id: Uuid,
    /// The session that answered. When it ends, a code that is not redeemed yet is worth nothing;
    /// one that is stays, so that a replay finds what to end.
    pub session_id: Option<Uuid>,
    /// The family that the exchange will start; known beforehand so that a replay can end it.
    pub family_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub redirect_uri: String,
    /// S256 (RFC 7636 §4.2).
    #[sea_orm(column_type = "Text", nullable)]
    pub code_challenge: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub nonce: Option<String>,
    pub scope: Scope,
    /// Single claims that were asked for (OpenID Connect Core §5.5).
    pub claims: Option<ClaimsRequest>,
    /// The resources that the tokens are for (RFC 8707 §2).
    #[sea_orm(default_value = "[]")]
    pub resources: Names,
    /// The key to which the code is bound (RFC 9449 §10).
    #[sea_orm(column_type = "Text", nullable)]
    pub dpop_jkt: Option<String>,
    pub auth_time: DateTimeUtc,
    pub amr: Amr,
    #[sea_orm(column_type = "Text")]
    pub acr: String,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub consumed_at: Option<DateTimeUtc>,
    #[sea_orm(belongs_to, from = "client_id", to = "id", on_delete = "Cascade")]
    pub client: BelongsTo<super::client::Entity>,
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<super::user::Entity>,
    #[sea_orm(belongs_to, from = "session_id", to = "id", on_delete = "SetNull")]
    pub session: BelongsTo<Option<super::session::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

/// The bindings that a redemption must meet; all of them, or nothing is consumed.
#[derive(Clone, Copy, Debug)]
pub struct Bindings<'a> {
    pub code: &'a Digest,
    pub client_id: Uuid,
    pub redirect_uri: &'a str,
    /// What the verifier hashes to, or none where none was sent. A challenge without a verifier and
    /// a verifier without a challenge both fail (RFC 9700 §2.1.1).
    pub code_challenge: Option<&'a str>,
    /// The key that the request proved to hold. One for which no key was named when the code was
    /// asked for may come with any (RFC 9449 §10).
    pub jkt: Option<&'a str>,
}

/// Adds a code. Answers whether what it is bound to still is there: the session, the user or the
/// client may have gone a moment ago.
pub async fn add(db: &impl ConnectionTrait, row: ActiveModel) -> Result<bool, DbErr> {
    match Entity::insert(row).exec_without_returning(db).await {
        Ok(_) => Ok(true),
        Err(error) => match error.sql_err() {
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => Ok(false),
            _ => Err(error),
        },
    }
}

/// Redeems the code: of any number of callers exactly one gets the row.
pub async fn consume(
    db: &impl ConnectionTrait,
    bindings: Bindings<'_>,
    now: DateTimeUtc,
) -> Result<Option<Model>, DbErr> {
    let challenge = match bindings.code_challenge {
        Some(challenge) => Column::CodeChallenge.eq(challenge),
        None => Column::CodeChallenge.is_null(),
    };
    let unbound = Condition::any().add(Column::DpopJkt.is_null());
    let key = match bindings.jkt {
        Some(jkt) => unbound.add(Column::DpopJkt.eq(jkt)),
        None => unbound,
    };
    let taken = Entity::update_many()
        .col_expr(Column::ConsumedAt, Expr::value(now))
        .filter(Column::Code.eq(bindings.code.clone()))
        .filter(Column::ClientId.eq(bindings.client_id))
        .filter(Column::RedirectUri.eq(bindings.redirect_uri))
        .filter(challenge)
        .filter(key)
        .filter(Column::ConsumedAt.is_null())
        .filter(Column::SessionId.is_not_null())
        .filter(Column::ExpiresAt.gt(now))
        .exec_with_returning(db)
        .await?;
    Ok(taken.into_iter().next())
}

/// The redeemed code that `client_id` presents again.
pub async fn replayed(
    db: &impl ConnectionTrait,
    code: &Digest,
    client_id: Uuid,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::Code.eq(code.clone()))
        .filter(Column::ClientId.eq(client_id))
        .filter(Column::ConsumedAt.is_not_null())
        .one(db)
        .await
}

/// Whether this client sent this challenge or nonce before, since `since`: both must be new in every
/// request (RFC 9700 §2.1.1), and a client that sends constants has thrown its protection away.
pub async fn is_constant(
    db: &impl ConnectionTrait,
    client_id: Uuid,
    (challenge, nonce): (Option<&str>, Option<&str>),
    since: DateTimeUtc,
) -> Result<bool, DbErr> {
    if challenge.is_none() && nonce.is_none() {
        return Ok(false);
    }
    let mut same = Condition::any();
    if let Some(challenge) = challenge {
        same = same.add(Column::CodeChallenge.eq(challenge));
    }
    if let Some(nonce) = nonce {
        same = same.add(Column::Nonce.eq(nonce));
    }
    let found = Entity::find()
        .filter(Column::ClientId.eq(client_id))
        .filter(Column::CreatedAt.gt(since))
        .filter(same)
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Takes away the codes that a client holds for a user and has not redeemed.
pub async fn forget(
    db: &impl ConnectionTrait,
    user_id: Uuid,
    client_id: Uuid,
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::ClientId.eq(client_id))
        .filter(Column::ConsumedAt.is_null())
        .exec(db)
        .await
        .map(drop)
}

/// Takes away the codes of a user that are not redeemed.
pub async fn forget_user(db: &impl ConnectionTrait, user_id: Uuid) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::ConsumedAt.is_null())
        .exec(db)
        .await
        .map(drop)
}

/// Forgets codes that expired before `before`. A redeemed code is kept as long as its family, or a
/// replay could not end what came of it.
pub async fn sweep(db: &impl ConnectionTrait, before: DateTimeUtc) -> Result<u64, DbErr> {
    let families = Query::select()
        .column(super::token_family::Column::Id)
        .from(super::token_family::Entity)
        .to_owned();
    let gone = Entity::delete_many()
        .filter(Column::ExpiresAt.lte(before))
        .filter(Column::FamilyId.not_in_subquery(families))
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}
