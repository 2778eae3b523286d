//! Changing a client: what is not named stays as it is.

use std::collections::BTreeSet;

use entity::{
    client::{self, Model},
    client_origin,
    value::{EventKind, Names, Profile, Scope, Uris},
};
use sea_orm::{ActiveModelTrait, ConnectionTrait, Set};

use super::{
    links::Links,
    register::{self, RegisterError},
};
use crate::{
    app::App,
    events::{self, About},
};

/// What is to be another way. Lists are replaced as a whole.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub name: Option<String>,
    pub redirect_uris: Option<Vec<String>>,
    pub post_logout_redirect_uris: Option<Vec<String>>,
    pub profile: Option<Profile>,
    pub scope: Option<Scope>,
    pub audiences: Option<Vec<String>>,
    /// Origins besides those of its redirect URIs.
    pub origins: Option<Vec<String>>,
    pub claims_in_id_token: Option<bool>,
    pub trusted: Option<bool>,
    pub links: Links,
    /// A disabled client gets nothing and can show nothing.
    pub disabled: Option<bool>,
}

/// Changes a client. What it must pass is what a new one must.
pub async fn update(app: &App, client: Model, changes: Changes) -> Result<Model, RegisterError> {
    check(&client, &changes)?;
    let now = app.clock.now();
    let tx = app.db.begin().await?;
    let origins = origins(&tx, &client, &changes).await?;
    client_origin::replace(&tx, client.id, origins).await?;
    let disabled_at = match changes.disabled {
        Some(true) => client.disabled_at.or(Some(now)),
        Some(false) => None,
        None => client.disabled_at,
    };
    let mut row = client::ActiveModel::from(client);
    if let Some(name) = &changes.name {
        row.client_name = Set(register::checked_name(name)?);
    }
    if let Some(uris) = changes.redirect_uris {
        row.redirect_uris = Set(Uris(uris));
    }
    if let Some(uris) = changes.post_logout_redirect_uris {
        row.post_logout_redirect_uris = Set(Uris(uris));
    }
    if let Some(profile) = changes.profile {
        row.profile = Set(profile);
    }
    if let Some(scope) = changes.scope {
        row.scope = Set(scope);
    }
    if let Some(audiences) = changes.audiences {
        row.audiences = Set(Names(audiences));
    }
    if let Some(so) = changes.claims_in_id_token {
        row.claims_in_id_token = Set(so);
    }
    if let Some(so) = changes.trusted {
        row.trusted = Set(so);
    }
    changes.links.write(&mut row);
    row.disabled_at = Set(disabled_at);
    row.updated_at = Set(now);
    let client = row.update(&tx).await?;
    events::record(&tx, EventKind::ClientChanged, About::client(client.id), now).await?;
    tx.commit().await?;
    Ok(client)
}

fn check(client: &Model, changes: &Changes) -> Result<(), RegisterError> {
    if let Some(name) = &changes.name {
        register::checked_name(name)?;
    }
    let uris = changes.redirect_uris.iter().flatten();
    let uris = uris.chain(changes.post_logout_redirect_uris.iter().flatten());
    register::check_uris(uris, client.application_type)?;
    changes.links.check().map_err(RegisterError::Link)?;
    register::check_origins(changes.origins.as_deref().unwrap_or_default())
}

/// The origins afterwards. Those of redirect URIs come and go with them; the others stay until
/// they are named anew.
async fn origins(
    tx: &impl ConnectionTrait,
    client: &Model,
    changes: &Changes,
) -> Result<BTreeSet<String>, RegisterError> {
    let derived = register::origins(&client.redirect_uris.0, Vec::new());
    let more = match &changes.origins {
        Some(named) => named.clone(),
        None => client_origin::of_client(tx, client.id)
            .await?
            .into_iter()
            .filter(|origin| !derived.contains(origin))
            .collect(),
    };
    let uris = changes.redirect_uris.as_ref();
    Ok(register::origins(
        uris.unwrap_or(&client.redirect_uris.0),
        more,
    ))
}
