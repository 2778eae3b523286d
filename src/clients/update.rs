//! Changing a client: by the operator, who names what is to be another way, or whole, by itself.

use std::collections::BTreeSet;

use entity::{
    client::{self, Model},
    client_origin,
    value::{
        ClientAuthMethod, ClientMetadata, EventKind, GrantType, Profile, ResponseType, Scope,
        SigningAlg, SubjectType,
    },
};
use sea_orm::{ConnectionTrait, DbErr, Set};
use secrecy::SecretString;

use super::{
    authenticate,
    links::Links,
    metadata,
    register::{self, Added},
    sector,
    wanted::{NewClient, RegisterError, is_front_channel},
};
use crate::{
    app::App,
    crypto::secret::SecretKind,
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
    pub auth_method: Option<ClientAuthMethod>,
    pub grant_types: Option<Vec<GrantType>>,
    pub response_types: Option<Vec<ResponseType>>,
    pub id_token_alg: Option<SigningAlg>,
    pub access_token_alg: Option<SigningAlg>,
    pub subject_type: Option<SubjectType>,
    /// All of it, as it is to be.
    pub metadata: Option<ClientMetadata>,
    /// A disabled client gets nothing and can show nothing.
    pub disabled: Option<bool>,
    /// Whoever holds its registration access token can do nothing with it any more.
    pub forget_registration_token: bool,
}

/// Who changes a client.
pub(super) enum By<'a> {
    /// Whoever decides everything, also whether it is disabled, and whether it may change itself.
    Operator {
        disabled: Option<bool>,
        forget_registration_token: bool,
    },
    /// Itself, with its current secret, where it is known.
    Itself { secret: Option<&'a SecretString> },
}

/// Changes a client; what is not named stays as it is. What it must pass is what a new one must. There
/// is a secret if it now has one that it had not. Of a client that is not any more what was read,
/// nothing is changed ([`RegisterError::Changed`]).
pub async fn update(app: &App, client: Model, changes: Changes) -> Result<Added, RegisterError> {
    let origins = other_origins(&app.db.read, &client).await?;
    let by = By::Operator {
        disabled: changes.disabled,
        forget_registration_token: changes.forget_registration_token,
    };
    let mut wanted = NewClient::of(&client, origins);
    changes.apply(&mut wanted);
    replace(app, client, wanted, by).await
}

/// Makes of a client what it is to be, if it is still what was read: judging it takes time, in which
/// somebody else may have taken back what would be written here.
pub(super) async fn replace(
    app: &App,
    client: Model,
    mut wanted: NewClient,
    by: By<'_>,
) -> Result<Added, RegisterError> {
    wanted.name = wanted.name.trim().to_owned();
    metadata::check(app, &wanted)?;
    sector::check(app, &wanted, Some(&client)).await?;
    let now = app.clock.now();
    let more = std::mem::take(&mut wanted.origins);
    let origins = register::origins(&wanted.redirect_uris, more);
    let mut row = client::ActiveModel::from(client.clone());
    let own_secret = match by {
        By::Itself { secret } => secret,
        By::Operator { .. } => None,
    };
    let secret = secret(app, &client, wanted.method(), own_secret, &mut row);
    match by {
        By::Itself { .. } => wanted.write_own(&mut row),
        By::Operator {
            disabled,
            forget_registration_token,
        } => {
            wanted.write(&mut row);
            match disabled {
                Some(true) if client.disabled_at.is_none() => row.disabled_at = Set(Some(now)),
                Some(false) => row.disabled_at = Set(None),
                _ => {}
            }
            if forget_registration_token {
                row.registration_access_token = Set(None);
            }
        }
    }
    // What changes nothing leaves no trace.
    if client::is_as_read(&client, &row) && has_origins(&app.db.read, &client, &origins).await? {
        return Ok(Added {
            client,
            secret: None,
        });
    }
    row.updated_at = Set(client::next_change(&client, now));
    let tx = app.db.begin().await?;
    let Some(changed) = client::change(&tx, &client, row).await? else {
        return Err(match client::find(&tx, client.id).await? {
            Some(_) => RegisterError::Changed,
            None => RegisterError::Gone,
        });
    };
    client_origin::replace(&tx, changed.id, origins).await?;
    let about = About::client(changed.id);
    events::record(&tx, EventKind::ClientChanged, about, now).await?;
    tx.commit().await?;
    Ok(Added {
        client: changed,
        secret,
    })
}

async fn has_origins(
    db: &impl ConnectionTrait,
    client: &Model,
    origins: &BTreeSet<String>,
) -> Result<bool, DbErr> {
    let has = client_origin::of_client(db, client.id).await?;
    Ok(has.into_iter().collect::<BTreeSet<_>>() == *origins)
}

/// What its new way to authenticate makes of the secrets of a client; a new one, if there is one to
/// tell it.
fn secret(
    app: &App,
    client: &Model,
    method: ClientAuthMethod,
    own: Option<&SecretString>,
    row: &mut client::ActiveModel,
) -> Option<SecretString> {
    let seals = |method| method == ClientAuthMethod::ClientSecretJwt;
    if !method.has_secret() {
        row.client_secret = Set(None);
        row.previous_secret = Set(None);
        row.previous_secret_until = Set(None);
        row.sealed_secret = Set(None);
        return None;
    }
    if !seals(method) {
        row.sealed_secret = Set(None);
    }
    if client.client_secret.is_some() {
        if !seals(method) || client.sealed_secret.is_some() {
            return None;
        }
        // Of a secret whose digest alone was kept nobody can check a MAC: either it is told now, or
        // there is a new one.
        if let Some(own) = own {
            let sealed = authenticate::sealed(app, client.id, own, None);
            row.sealed_secret = Set(Some(sealed));
            return None;
        }
    }
    let minted = app.secrets.mint(SecretKind::ClientSecret);
    row.client_secret = Set(Some(minted.digest));
    row.previous_secret = Set(None);
    row.previous_secret_until = Set(None);
    if seals(method) {
        let sealed = authenticate::sealed(app, client.id, &minted.secret, None);
        row.sealed_secret = Set(Some(sealed));
    }
    Some(minted.secret)
}

impl Changes {
    /// What the client is to be after them.
    pub fn apply(self, wanted: &mut NewClient) {
        fn put<T>(place: &mut T, change: Option<T>) {
            if let Some(change) = change {
                *place = change;
            }
        }
        put(&mut wanted.name, self.name);
        put(&mut wanted.redirect_uris, self.redirect_uris);
        let logout = self.post_logout_redirect_uris;
        put(&mut wanted.post_logout_redirect_uris, logout);
        put(&mut wanted.profile, self.profile);
        put(&mut wanted.scope, self.scope);
        put(&mut wanted.audiences, self.audiences);
        put(&mut wanted.origins, self.origins);
        put(&mut wanted.claims_in_id_token, self.claims_in_id_token);
        put(&mut wanted.trusted, self.trusted);
        put(&mut wanted.id_token_alg, self.id_token_alg);
        put(&mut wanted.access_token_alg, self.access_token_alg);
        put(&mut wanted.subject_type, self.subject_type);
        put(&mut wanted.metadata, self.metadata);
        wanted.auth_method = self.auth_method.or(wanted.auth_method);
        if let Some(kinds) = &self.response_types {
            // Without a word about grants, `implicit` comes and goes with what needs it.
            let front = kinds.iter().any(|kind| is_front_channel(*kind));
            if let Some(grants) = &mut wanted.grant_types {
                grants.retain(|grant| *grant != GrantType::Implicit);
                grants.extend(front.then_some(GrantType::Implicit));
            }
        }
        if self.auth_method == Some(ClientAuthMethod::None)
            && let Some(grants) = &mut wanted.grant_types
        {
            // RFC 6749 §4.4: it has nothing to present any more.
            grants.retain(|grant| *grant != GrantType::ClientCredentials);
        }
        wanted.grant_types = self.grant_types.or(wanted.grant_types.take());
        put(&mut wanted.response_types, self.response_types);
        wanted.links = std::mem::take(&mut wanted.links).with(self.links);
    }
}

/// The origins of a client that are not those of its redirect URIs: they stay until they are named
/// anew, while the others come and go with the redirect URIs.
pub(super) async fn other_origins(
    db: &impl ConnectionTrait,
    client: &Model,
) -> Result<Vec<String>, DbErr> {
    let derived = register::origins(&client.redirect_uris.0, Vec::new());
    let all = client_origin::of_client(db, client.id).await?;
    Ok(all
        .into_iter()
        .filter(|origin| !derived.contains(origin))
        .collect())
}
