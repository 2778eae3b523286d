//! Registering a client, giving it another secret, removing it.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::{
    client::{self, Model},
    client_origin,
    value::{ClientAuthMethod, Digest, EventKind},
};
use sea_orm::{ActiveModelTrait, DbErr, Set};
use secrecy::SecretString;

pub use super::wanted::{NewClient, RegisterError};
use super::{authenticate, metadata, sector};
use crate::{
    app::App,
    crypto::secret::SecretKind,
    events::{self, About},
    oauth::redirect_uri,
};

/// How long the secret before a rotation still works.
pub const PREVIOUS_SECRET_WORKS: TimeDelta = TimeDelta::hours(24);

/// A new client, and its secret, which is shown this once.
#[derive(Debug)]
pub struct Added {
    pub client: Model,
    pub secret: Option<SecretString>,
}

/// Registers a client on behalf of the operator.
pub async fn add(app: &App, new: NewClient) -> Result<Added, RegisterError> {
    insert(app, new, None).await
}

/// Registers a client; with the digest of a token it is one that registered itself.
pub(super) async fn insert(
    app: &App,
    mut new: NewClient,
    token: Option<Digest>,
) -> Result<Added, RegisterError> {
    new.name = new.name.trim().to_owned();
    metadata::check(app, &new)?;
    sector::check(app, &new, None).await?;
    let client_id = new
        .client_id
        .take()
        .unwrap_or_else(|| app.new_id().to_string());
    if client::by_client_id(&app.db.read, &client_id)
        .await?
        .is_some()
    {
        return Err(RegisterError::Taken(client_id));
    }
    let (id, method, now) = (app.new_id(), new.method(), app.clock.now());
    let minted = method
        .has_secret()
        .then(|| app.secrets.mint(SecretKind::ClientSecret));
    let secret = minted
        .as_ref()
        .map(|minted| &minted.secret)
        .filter(|_| method == ClientAuthMethod::ClientSecretJwt);
    let origins = origins(&new.redirect_uris, std::mem::take(&mut new.origins));
    let mut row = client::ActiveModel {
        id: Set(id),
        client_id: Set(client_id),
        strict_auth_method: Set(false),
        client_secret: Set(minted.as_ref().map(|minted| minted.digest.clone())),
        previous_secret: Set(None),
        previous_secret_until: Set(None),
        sealed_secret: Set(secret.map(|secret| authenticate::sealed(app, id, secret, None))),
        dynamic: Set(token.is_some()),
        registration_access_token: Set(token),
        used_at: Set(None),
        disabled_at: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    new.write(&mut row);
    let tx = app.db.begin().await?;
    let client = row.insert(&tx).await?;
    client_origin::replace(&tx, client.id, origins).await?;
    events::record(&tx, EventKind::ClientChanged, About::client(client.id), now).await?;
    tx.commit().await?;
    Ok(Added {
        client,
        secret: minted.map(|minted| minted.secret),
    })
}

/// Gives a client with a secret a new one; the one before works for a day, so that the client can be
/// changed without an outage. None for a client without a secret.
pub async fn rotate_secret(app: &App, client: &Model) -> Result<Option<SecretString>, DbErr> {
    let method = client.token_endpoint_auth_method;
    if !method.has_secret() {
        return Ok(None);
    }
    let now = app.clock.now();
    let minted = app.secrets.mint(SecretKind::ClientSecret);
    let before = client.sealed_secret.as_ref();
    let sealed = (method == ClientAuthMethod::ClientSecretJwt)
        .then(|| authenticate::sealed(app, client.id, &minted.secret, before));
    let tx = app.db.begin().await?;
    let until = (now, now + PREVIOUS_SECRET_WORKS);
    client::rotate_secret(&tx, client, (minted.digest, sealed), until).await?;
    events::record(&tx, EventKind::ClientChanged, About::client(client.id), now).await?;
    tx.commit().await?;
    Ok(Some(minted.secret))
}

/// Removes a client with everything that was given to it.
pub async fn remove(app: &App, client: &Model) -> Result<bool, DbErr> {
    let tx = app.db.begin().await?;
    let gone = client::remove(&tx, client.id).await?;
    if gone {
        let about = About::client(client.id);
        events::record(&tx, EventKind::ClientChanged, about, app.clock.now()).await?;
    }
    tx.commit().await?;
    Ok(gone)
}

/// From where a client's pages may call us: the origins of its redirect URIs, and `more`.
pub(super) fn origins(redirect_uris: &[String], more: Vec<String>) -> BTreeSet<String> {
    redirect_uris
        .iter()
        .filter_map(|uri| redirect_uri::origin(uri))
        .chain(more)
        .collect()
}
