//! `client`: an application that asks us to sign people in (RFC 6749 §2), with what it registered.

use chrono::TimeDelta;
use sea_orm::{
    PaginatorTrait, QueryOrder, Set, TryIntoModel,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, LikeExpr},
};

use crate::value::{
    ApplicationType, ClientAuthMethod, ClientMetadata, Demands, Digest, GrantTypes, Names, Profile,
    ResponseTypes, Scope, Sealed, SigningAlg, SubjectType, Uris,
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Public, chosen by us.
    #[sea_orm(unique, column_type = "Text")]
    pub client_id: String,
    #[sea_orm(column_type = "Text")]
    pub client_name: String,
    pub application_type: ApplicationType,
    pub profile: Profile,
    pub token_endpoint_auth_method: ClientAuthMethod,
    /// Only the registered method, not its sibling (see `clients::authenticate`).
    pub strict_auth_method: bool,
    /// The current secret's digest; none for a public client.
    pub client_secret: Option<Digest>,
    /// The one before, which works until `previous_secret_until`.
    pub previous_secret: Option<Digest>,
    pub previous_secret_until: Option<DateTimeUtc>,
    /// The current secret itself, only for `client_secret_jwt`: a MAC cannot be checked by a digest.
    pub sealed_secret: Option<Sealed>,
    pub redirect_uris: Uris,
    pub post_logout_redirect_uris: Uris,
    pub grant_types: GrantTypes,
    pub response_types: ResponseTypes,
    /// What the client may ask for at most.
    pub scope: Scope,
    /// What a client that is a resource server answers for: it may introspect tokens meant for it.
    pub audiences: Names,
    pub id_token_signed_response_alg: SigningAlg,
    pub access_token_signed_response_alg: SigningAlg,
    /// Puts identity claims into the ID token too, for relying parties that read nothing else.
    pub claims_in_id_token: bool,
    /// The operator vouches for it: no consent page.
    pub trusted: bool,
    #[sea_orm(column_type = "Text", nullable)]
    pub logo_uri: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub client_uri: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub policy_uri: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub tos_uri: Option<String>,
    #[sea_orm(default_value = "public")]
    pub subject_type: SubjectType,
    /// What else it registered.
    #[sea_orm(default_value = "{}")]
    pub metadata: ClientMetadata,
    /// The digest of the token with which a client that registered itself reads and changes what it
    /// registered (RFC 7592 §3).
    pub registration_access_token: Option<Digest>,
    /// It registered itself (RFC 7591); nobody here vouches for it.
    #[sea_orm(default_value = false)]
    pub dynamic: bool,
    /// When a person first came from it; for one that acts without people, when it first proved who it
    /// is. One that registered itself is forgotten without.
    pub used_at: Option<DateTimeUtc>,
    pub disabled_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// A client that cannot keep a secret (RFC 6749 §2.1).
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == ClientAuthMethod::None
    }

    /// What its profile demands of it.
    pub fn demands(&self) -> Demands {
        self.profile.demands(self.is_public())
    }
}

/// The enabled client of that name.
pub async fn enabled(db: &impl ConnectionTrait, client_id: &str) -> Result<Option<Model>, DbErr> {
    if !may_be_id(client_id) {
        return Ok(None);
    }
    Entity::find()
        .filter(Column::ClientId.eq(client_id))
        .filter(Column::DisabledAt.is_null())
        .one(db)
        .await
}

/// The client of that name, disabled or not.
pub async fn by_client_id(
    db: &impl ConnectionTrait,
    client_id: &str,
) -> Result<Option<Model>, DbErr> {
    if !may_be_id(client_id) {
        return Ok(None);
    }
    Entity::find()
        .filter(Column::ClientId.eq(client_id))
        .one(db)
        .await
}

/// PostgreSQL knows no text with NUL, and would call it an error where it is only nobody's name.
fn may_be_id(client_id: &str) -> bool {
    !client_id.contains('\0')
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    Entity::find().order_by_asc(Column::Id).all(db).await
}

/// The names of clients, disabled ones too.
pub async fn names_of(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<Vec<(Uuid, String)>, DbErr> {
    use sea_orm::QuerySelect;
    Entity::find()
        .select_only()
        .column(Column::Id)
        .column(Column::ClientName)
        .filter(Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await
}

/// Those of `ids` that are enabled.
pub async fn enabled_among(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::DisabledAt.is_null())
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Whether an enabled client is the resource server that answers for `audience`.
pub async fn answers_for(db: &impl ConnectionTrait, audience: &str) -> Result<bool, DbErr> {
    // The list is one column, which no index looks into; the text of it finds the few rows that can
    // hold the name, and the list itself decides.
    let text = Expr::col((Entity, Column::Audiences)).cast_as("text");
    let plain = audience
        .replace('\\', r"\\")
        .replace('%', r"\%")
        .replace('_', r"\_");
    let found = Entity::find()
        .filter(text.like(LikeExpr::new(format!("%{plain}%")).escape('\\')))
        .filter(Column::DisabledAt.is_null())
        .all(db)
        .await?;
    Ok(found
        .iter()
        .any(|client| client.audiences.0.iter().any(|own| own == audience)))
}

/// Writes what is set in `changes`, if the client is still what was read of it. None if it is not.
pub async fn change(
    db: &impl ConnectionTrait,
    read: &Model,
    changes: ActiveModel,
) -> Result<Option<Model>, DbErr> {
    let still = Entity::update_many()
        .set(changes)
        .filter(Column::Id.eq(read.id))
        .filter(Column::UpdatedAt.eq(read.updated_at));
    // Who disabled it changed it: said here too, because everything hangs on it.
    let still = match read.disabled_at {
        None => still.filter(Column::DisabledAt.is_null()),
        Some(_) => still,
    };
    Ok(still.exec_with_returning(db).await?.into_iter().next())
}

/// Whether `changes` leave the client as it was read.
pub fn is_as_read(read: &Model, changes: &ActiveModel) -> bool {
    let changed = changes.clone().try_into_model();
    changed.is_ok_and(|changed| changed == *read)
}

/// When a client is changed that was read just now: every change has a time of its own, by which the
/// next one knows whether it knows of it.
pub fn next_change(read: &Model, now: DateTimeUtc) -> DateTimeUtc {
    std::cmp::max(now, read.updated_at + TimeDelta::milliseconds(1))
}

/// Sets a new secret; the one before works until `previous_until`.
pub async fn rotate_secret(
    db: &impl ConnectionTrait,
    client: &Model,
    (secret, sealed): (Digest, Option<Sealed>),
    (now, previous_until): (DateTimeUtc, DateTimeUtc),
) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(client.id),
        client_secret: Set(Some(secret)),
        sealed_secret: Set(sealed),
        previous_secret: Set(client.client_secret.clone()),
        previous_secret_until: Set(Some(previous_until)),
        updated_at: Set(next_change(client, now)),
        ..Default::default()
    };
    row.update(db).await.map(drop)
}

/// Notes that the client is in use, the first time.
pub async fn mark_used(db: &impl ConnectionTrait, id: Uuid, now: DateTimeUtc) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::UsedAt.is_null())
        .exec(db)
        .await
        .map(drop)
}

/// Sets or clears `disabled_at`.
pub async fn set_disabled(
    db: &impl ConnectionTrait,
    id: Uuid,
    disabled_at: Option<DateTimeUtc>,
    now: DateTimeUtc,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::DisabledAt, Expr::value(disabled_at))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await
        .map(drop)
}

/// How many clients registered themselves and were never used.
pub async fn unused(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::Dynamic.eq(true))
        .filter(Column::UsedAt.is_null())
        .count(db)
        .await
}

/// Forgets the clients that registered themselves before `before` and were never used.
pub async fn sweep_unused(db: &impl ConnectionTrait, before: DateTimeUtc) -> Result<u64, DbErr> {
    let done = Entity::delete_many()
        .filter(Column::Dynamic.eq(true))
        .filter(Column::UsedAt.is_null())
        .filter(Column::CreatedAt.lt(before))
        .exec(db)
        .await?;
    Ok(done.rows_affected)
}

/// Removes the client and, by foreign key, its codes, tokens and consents.
pub async fn remove(db: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    Ok(Entity::delete_by_id(id).exec(db).await?.rows_affected == 1)
}
