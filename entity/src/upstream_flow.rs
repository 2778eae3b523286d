//! `upstream_flow`: somebody who was sent to a provider and has not come back yet.

use sea_orm::entity::prelude::*;

use crate::value::{Digest, Intent, Sealed};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "upstream_flow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The digest of the `state` that the provider was given.
    #[sea_orm(unique)]
    pub state: Digest,
    #[sea_orm(column_type = "Text")]
    pub provider: String,
    /// The digest of the visitor cookie of the browser that was sent there.
    #[sea_orm(column_type = "Text")]
    pub visitor: String,
    pub intent: Intent,
    /// Whose account is to be linked, and the session in which they said so.
    pub user_id: Option<Uuid>,
    pub session_id: Option<Uuid>,
    /// The `nonce` that must come back in the ID token.
    #[sea_orm(column_type = "Text")]
    pub nonce: String,
    /// The `code_verifier` (RFC 7636 §4.1).
    pub verifier: Sealed,
    /// The person was to prove anew who they are.
    pub fresh: bool,
    /// The sealed flow that this browser was in, to go on with.
    #[sea_orm(column_type = "Text", nullable)]
    pub flow: Option<String>,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<Option<super::user::Entity>>,
    #[sea_orm(belongs_to, from = "session_id", to = "id", on_delete = "Cascade")]
    pub session: BelongsTo<Option<super::session::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

pub async fn add(db: &impl ConnectionTrait, row: ActiveModel) -> Result<(), DbErr> {
    Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Uses up the flow of this `state`, if it began with this provider and in this browser; of any number
/// who come back with it one gets it.
pub async fn take(
    db: &impl ConnectionTrait,
    state: &Digest,
    (provider, visitor): (&str, &str),
    now: DateTimeUtc,
) -> Result<Option<Model>, DbErr> {
    let taken = Entity::delete_many()
        .filter(Column::State.eq(state.clone()))
        .filter(Column::Provider.eq(provider))
        .filter(Column::Visitor.eq(visitor))
        .filter(Column::ExpiresAt.gt(now))
        .exec_with_returning(db)
        .await?;
    Ok(taken.into_iter().next())
}

/// Forgets flows that nobody came back from in time.
pub async fn sweep(db: &impl ConnectionTrait, now: DateTimeUtc) -> Result<u64, DbErr> {
    Ok(Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now))
        .exec(db)
        .await?
        .rows_affected)
}
