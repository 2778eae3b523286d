//! `client`: an application that asks us to sign people in (RFC 6749 §2), with what it registered.

use sea_orm::{QueryOrder, Set, entity::prelude::*, sea_query::Expr};

use crate::value::{
    ApplicationType, ClientAuthMethod, Demands, Digest, GrantTypes, Names, Profile, ResponseTypes,
    Scope, SigningAlg, Uris,
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
    Entity::find()
        .filter(Column::ClientId.eq(client_id))
        .one(db)
        .await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    Entity::find().order_by_asc(Column::Id).all(db).await
}

/// Sets a new secret; the one before works until `previous_until`.
pub async fn rotate_secret(
    db: &impl ConnectionTrait,
    client: &Model,
    secret: Digest,
    (now, previous_until): (DateTimeUtc, DateTimeUtc),
) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(client.id),
        client_secret: Set(Some(secret)),
        previous_secret: Set(client.client_secret.clone()),
        previous_secret_until: Set(Some(previous_until)),
        updated_at: Set(now),
        ..Default::default()
    };
    row.update(db).await.map(drop)
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

/// Removes the client and, by foreign key, its codes, tokens and consents.
pub async fn remove(db: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    Ok(Entity::delete_by_id(id).exec(db).await?.rows_affected == 1)
}
