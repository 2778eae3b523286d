//! `consent`: what a person allowed a client to know (OpenID Connect Core §3.1.2.4).

use sea_orm::{QueryOrder, Set, entity::prelude::*, sea_query::OnConflict};

use crate::value::{Names, Scope};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consent")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: Uuid,
    pub scope: Scope,
    /// The resources of others at which the client may use it (RFC 8707).
    #[sea_orm(default_value = "[]")]
    pub resources: Names,
    pub granted_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<super::user::Entity>,
    #[sea_orm(belongs_to, from = "client_id", to = "id", on_delete = "Cascade")]
    pub client: BelongsTo<super::client::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Whether all of this was allowed.
    pub fn covers(&self, scope: &Scope, resources: &[String]) -> bool {
        let known = &self.resources.0;
        scope.is_within(&self.scope) && resources.iter().all(|one| known.contains(one))
    }
}

pub async fn find(
    db: &impl ConnectionTrait,
    user_id: Uuid,
    client_id: Uuid,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id((user_id, client_id)).one(db).await
}

/// What one person allowed, with the clients, oldest first.
pub async fn of_user(
    db: &impl ConnectionTrait,
    user_id: Uuid,
) -> Result<Vec<(Model, super::client::Model)>, DbErr> {
    let found = Entity::find()
        .filter(Column::UserId.eq(user_id))
        .order_by_asc(Column::GrantedAt)
        .find_also_related(super::client::Entity)
        .all(db)
        .await?;
    Ok(found
        .into_iter()
        .filter_map(|(own, client)| client.map(|client| (own, client)))
        .collect())
}

/// Remembers that `scope` is allowed at `resources`; what is wider replaces what was narrower.
pub async fn grant(
    db: &impl ConnectionTrait,
    user_id: Uuid,
    client_id: Uuid,
    (scope, resources): (Scope, Names),
    now: DateTimeUtc,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        user_id: Set(user_id),
        client_id: Set(client_id),
        scope: Set(scope),
        resources: Set(resources),
        granted_at: Set(now),
        updated_at: Set(now),
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::UserId, Column::ClientId])
                .update_columns([Column::Scope, Column::Resources, Column::UpdatedAt])
                .to_owned(),
        )
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Remembers what is allowed now together with what was before. Answers whether anything is new.
pub async fn widen(
    db: &impl ConnectionTrait,
    (user_id, client_id): (Uuid, Uuid),
    (scope, resources): (&Scope, &[String]),
    now: DateTimeUtc,
) -> Result<bool, DbErr> {
    let known = find(db, user_id, client_id).await?;
    if known
        .as_ref()
        .is_some_and(|known| known.covers(scope, resources))
    {
        return Ok(false);
    }
    let (before, mut all) = known
        .map(|known| (known.scope, known.resources))
        .unwrap_or_default();
    let new = resources.iter().filter(|one| !all.0.contains(one));
    let new: Vec<String> = new.cloned().collect();
    all.0.extend(new);
    grant(db, user_id, client_id, (before.union(scope), all), now).await?;
    Ok(true)
}

/// Forgets what `user_id` allowed the client.
pub async fn revoke_for(
    db: &impl ConnectionTrait,
    user_id: Uuid,
    client_id: Uuid,
) -> Result<bool, DbErr> {
    Ok(Entity::delete_by_id((user_id, client_id))
        .exec(db)
        .await?
        .rows_affected
        == 1)
}

/// Forgets everything that `user_id` allowed.
pub async fn forget_user(db: &impl ConnectionTrait, user_id: Uuid) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::UserId.eq(user_id))
        .exec(db)
        .await
        .map(drop)
}
