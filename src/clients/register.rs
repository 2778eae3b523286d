//! Registering and changing clients: what every intake must pass.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::{
    client::{self, Model},
    client_origin,
    value::{
        ApplicationType, ClientAuthMethod, EventKind, GrantType, GrantTypes, Names, Profile,
        ResponseType, ResponseTypes, Scope, SigningAlg, Uris, is_showable,
    },
};
use sea_orm::{ActiveModelTrait, DbErr, Set};
use secrecy::SecretString;

use super::links::Links;
use crate::{
    app::App,
    crypto::secret::SecretKind,
    events::{self, About},
    oauth::redirect_uri::{self, UriError},
};

/// How long the secret before a rotation still works.
pub const PREVIOUS_SECRET_WORKS: TimeDelta = TimeDelta::hours(24);

/// What a client is to be.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// Chosen by us in all cases but the development client's.
    pub client_id: Option<String>,
    pub name: String,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    /// Cannot keep a secret.
    pub public: bool,
    pub application_type: ApplicationType,
    pub profile: Profile,
    /// What it may ask for at most.
    pub scope: Scope,
    /// What it answers for as a resource server.
    pub audiences: Vec<String>,
    /// Origins besides those of its redirect URIs from which its pages call us.
    pub origins: Vec<String>,
    pub claims_in_id_token: bool,
    /// No consent page.
    pub trusted: bool,
    pub links: Links,
}

/// Why a client cannot be registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error(
        "the name is empty, longer than 100 characters, or holds characters that cannot be shown"
    )]
    Name,
    #[error("{0} {1}")]
    Uri(String, UriError),
    #[error("{0} is not an origin such as https://app.example")]
    Origin(String),
    #[error("{0} is not an http(s) URL that a page can link to")]
    Link(String),
    #[error("a client with the id {0} exists")]
    Taken(String),
    #[error(transparent)]
    Unexpected(#[from] DbErr),
}

/// A new client, and its secret, which is shown this once.
#[derive(Debug)]
pub struct Added {
    pub client: Model,
    pub secret: Option<SecretString>,
}

/// Registers a client.
pub async fn add(app: &App, new: NewClient) -> Result<Added, RegisterError> {
    let name = checked_name(&new.name)?;
    let uris = new.redirect_uris.iter();
    let uris = uris.chain(&new.post_logout_redirect_uris);
    check_uris(uris, new.application_type)?;
    check_origins(&new.origins)?;
    new.links.check().map_err(RegisterError::Link)?;
    let client_id = new.client_id.unwrap_or_else(|| app.new_id().to_string());
    if client::by_client_id(&app.db.read, &client_id)
        .await?
        .is_some()
    {
        return Err(RegisterError::Taken(client_id));
    }
    let minted = (!new.public).then(|| app.secrets.mint(SecretKind::ClientSecret));
    // RFC 6749 §4.4: client_credentials is for confidential clients only.
    let mut grants = vec![GrantType::AuthorizationCode, GrantType::RefreshToken];
    if !new.public {
        grants.push(GrantType::ClientCredentials);
    }
    let method = match new.public {
        true => ClientAuthMethod::None,
        false => ClientAuthMethod::ClientSecretBasic,
    };
    let now = app.clock.now();
    let origins = origins(&new.redirect_uris, new.origins);
    let mut row = client::ActiveModel {
        id: Set(app.new_id()),
        client_id: Set(client_id),
        client_name: Set(name),
        application_type: Set(new.application_type),
        profile: Set(new.profile),
        token_endpoint_auth_method: Set(method),
        strict_auth_method: Set(false),
        client_secret: Set(minted.as_ref().map(|minted| minted.digest.clone())),
        previous_secret: Set(None),
        previous_secret_until: Set(None),
        redirect_uris: Set(Uris(new.redirect_uris)),
        post_logout_redirect_uris: Set(Uris(new.post_logout_redirect_uris)),
        grant_types: Set(GrantTypes(grants)),
        response_types: Set(ResponseTypes(vec![ResponseType::Code])),
        scope: Set(new.scope),
        audiences: Set(Names(new.audiences)),
        id_token_signed_response_alg: Set(SigningAlg::RS256),
        access_token_signed_response_alg: Set(SigningAlg::ES256),
        claims_in_id_token: Set(new.claims_in_id_token),
        trusted: Set(new.trusted),
        logo_uri: Set(None),
        client_uri: Set(None),
        policy_uri: Set(None),
        tos_uri: Set(None),
        disabled_at: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    };
    new.links.write(&mut row);
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

/// Gives a confidential client a new secret; the one before works for a day, so that the client
/// can be changed without an outage. None for a public client.
pub async fn rotate_secret(app: &App, client: &Model) -> Result<Option<SecretString>, DbErr> {
    if client.is_public() {
        return Ok(None);
    }
    let now = app.clock.now();
    let minted = app.secrets.mint(SecretKind::ClientSecret);
    let tx = app.db.begin().await?;
    let until = (now, now + PREVIOUS_SECRET_WORKS);
    client::rotate_secret(&tx, client, minted.digest, until).await?;
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

/// A name as it may be kept.
pub(super) fn checked_name(name: &str) -> Result<String, RegisterError> {
    let name = name.trim();
    if name.is_empty() || !is_showable(name, 100) {
        return Err(RegisterError::Name);
    }
    Ok(name.to_owned())
}

pub(super) fn check_uris<'a>(
    uris: impl IntoIterator<Item = &'a String>,
    application_type: ApplicationType,
) -> Result<(), RegisterError> {
    for uri in uris {
        redirect_uri::check(uri, application_type)
            .map_err(|error| RegisterError::Uri(uri.clone(), error))?;
    }
    Ok(())
}

pub(super) fn check_origins(origins: &[String]) -> Result<(), RegisterError> {
    let wrong = |origin: &&String| redirect_uri::origin(origin).as_ref() != Some(*origin);
    match origins.iter().find(wrong) {
        Some(origin) => Err(RegisterError::Origin(origin.clone())),
        None => Ok(()),
    }
}

/// From where a client's pages may call us: the origins of its redirect URIs, and `more`.
pub(super) fn origins(redirect_uris: &[String], more: Vec<String>) -> BTreeSet<String> {
    redirect_uris
        .iter()
        .filter_map(|uri| redirect_uri::origin(uri))
        .chain(more)
        .collect()
}
