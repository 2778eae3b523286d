//! How a grant begins: its family, and the first refresh token if it gets one.

use entity::{
    client, refresh_token,
    token_family::{self, ActiveModel, Model},
    value::{GrantType, OFFLINE_ACCESS, Scope},
};
use sea_orm::{ConnectionTrait, DbErr, Set};

use crate::{
    app::App,
    crypto::secret::{Minted, SecretKind},
};

/// Starts the family of what a person allowed. `given` holds everything that it is bound to; how
/// long it may live follows from its scope. None if the person or the client has just gone.
pub(super) async fn start(
    app: &App,
    tx: &impl ConnectionTrait,
    scope: &Scope,
    given: ActiveModel,
) -> Result<Option<Model>, DbErr> {
    let now = app.clock.now();
    let offline = scope.contains(OFFLINE_ACCESS);
    let life = match offline {
        true => app.config.tokens.refresh_absolute(),
        false => app.config.tokens.access(),
    };
    let family = ActiveModel {
        offline: Set(offline),
        scope: Set(scope.clone()),
        created_at: Set(now),
        expires_at: Set(now + life),
        revoked_at: Set(None),
        ..given
    };
    token_family::add(tx, family).await
}

/// The first refresh token, for a client that may refresh what was granted offline (OpenID Connect
/// Core §11).
pub(super) async fn first_refresh_token(
    app: &App,
    tx: &impl ConnectionTrait,
    client: &client::Model,
    family: &Model,
) -> Result<Option<Minted>, DbErr> {
    let may = family.scope.contains(OFFLINE_ACCESS)
        && client.grant_types.0.contains(&GrantType::RefreshToken);
    if !may {
        return Ok(None);
    }
    let minted = app.secrets.mint(SecretKind::RefreshToken);
    let now = app.clock.now();
    let expires = family
        .expires_at
        .min(now + app.config.tokens.refresh_idle());
    let digest = minted.digest.clone();
    refresh_token::add(tx, app.new_id(), family.id, digest, (now, expires)).await?;
    Ok(Some(minted))
}
