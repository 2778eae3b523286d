//! `authorization_code` (RFC 6749 §4.1.3): a code for tokens, once.

use entity::{
    authorization_code::{self as code_table, Bindings},
    client, consent, refresh_token, token_family,
    value::{Digest, EventKind, GrantType, OFFLINE_ACCESS},
};
use poem_openapi::Object;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, Set};
use uuid::Uuid;

use super::{GrantError, person};
use crate::{
    app::App,
    crypto::secret::{Minted, SecretKind},
    events::{self, About},
    oauth::{error::OauthError, pkce},
    tokens::issue::{self, Grant, TokenAnswer},
};

/// The code and everything that it is bound to.
#[derive(Debug, Object)]
pub struct AuthorizationCode {
    /// The code that the authorization endpoint answered.
    pub code: String,
    /// The redirect URI of the authorization request, byte for byte.
    pub redirect_uri: String,
    /// What the `code_challenge` was made of (RFC 7636 §4.5).
    pub code_verifier: Option<String>,
}

/// One refusal for every reason, so that a stolen code teaches nothing.
fn refused() -> GrantError {
    OauthError::invalid_grant("the code is wrong, expired or used, or not for this request").into()
}

pub(super) async fn answer(
    app: &App,
    client: &client::Model,
    request: AuthorizationCode,
) -> Result<TokenAnswer, GrantError> {
    let Some(code) = app
        .secrets
        .digest(SecretKind::AuthorizationCode, &request.code)
    else {
        return Err(refused());
    };
    // A verifier that is none is wrong, which is not the same as absent (RFC 7636 §4.6).
    let challenge = match request.code_verifier.as_deref().map(pkce::challenge_of) {
        None => None,
        Some(Some(challenge)) => Some(challenge),
        Some(None) => return Err(refused()),
    };
    let bindings = Bindings {
        code: &code,
        client_id: client.id,
        redirect_uri: &request.redirect_uri,
        code_challenge: challenge.as_deref(),
    };
    // Consume first, then write what comes of it, in one transaction: a second request finds the code
    // consumed or, if this one is refused, untouched. Signing comes after it and writes nothing.
    let tx = app.db.begin().await?;
    let now = app.clock.now();
    let Some(row) = code_table::consume(&tx, bindings, now).await? else {
        end_replayed(app, &tx, bindings).await?;
        tx.commit().await?;
        return Err(refused());
    };
    let user = person(&tx, row.user_id).await?;
    // What was allowed may have been taken back since.
    let allowed = consent::find(&tx, user.id, client.id).await?;
    if !allowed.is_some_and(|allowed| row.scope.is_within(&allowed.scope)) {
        return Err(refused());
    }
    // Consuming asked for a session, so there is one.
    let session_id = row.session_id.ok_or_else(refused)?;
    let family = start_family(app, &tx, &row, session_id).await?;
    let refresh = match may_refresh(client, &family) {
        true => Some(first_refresh_token(app, &tx, &family).await?),
        false => None,
    };
    tx.commit().await?;
    let grant = Grant {
        client,
        user: &user,
        family: &family,
        scope: &family.scope,
        nonce: row.nonce.as_deref(),
    };
    let refresh = refresh.map(|minted| minted.expose().to_owned());
    Ok(issue::for_person(app, grant, refresh)?)
}

/// RFC 6749 §4.1.2: a code that comes back ends what it gave. Only its own client, presenting
/// everything that the code is bound to, can pull this lever.
async fn end_replayed(
    app: &App,
    tx: &impl ConnectionTrait,
    bindings: Bindings<'_>,
) -> Result<(), DbErr> {
    let Some(row) = code_table::replayed(tx, bindings.code, bindings.client_id).await? else {
        return Ok(());
    };
    let same = row.redirect_uri == bindings.redirect_uri
        && row.code_challenge.as_deref() == bindings.code_challenge;
    let now = app.clock.now();
    if same && token_family::revoke(tx, row.family_id, now).await? {
        let about = About::user(row.user_id).and_client(row.client_id);
        events::record(tx, EventKind::CodeReplayed, about, now).await?;
    }
    Ok(())
}

async fn start_family(
    app: &App,
    tx: &impl ConnectionTrait,
    row: &code_table::Model,
    session_id: Uuid,
) -> Result<token_family::Model, DbErr> {
    let now = app.clock.now();
    let offline = row.scope.contains(OFFLINE_ACCESS);
    let tokens = &app.config.tokens;
    let life = if offline {
        tokens.refresh_absolute()
    } else {
        tokens.access()
    };
    let family = token_family::ActiveModel {
        id: Set(row.family_id),
        client_id: Set(row.client_id),
        user_id: Set(row.user_id),
        session_id: Set(session_id),
        offline: Set(offline),
        scope: Set(row.scope.clone()),
        auth_time: Set(row.auth_time),
        amr: Set(row.amr.clone()),
        acr: Set(row.acr.clone()),
        created_at: Set(now),
        expires_at: Set(now + life),
        revoked_at: Set(None),
    };
    family.insert(tx).await
}

fn may_refresh(client: &client::Model, family: &token_family::Model) -> bool {
    family.scope.contains(OFFLINE_ACCESS) && client.grant_types.0.contains(&GrantType::RefreshToken)
}

async fn first_refresh_token(
    app: &App,
    tx: &impl ConnectionTrait,
    family: &token_family::Model,
) -> Result<Minted, DbErr> {
    let minted = app.secrets.mint(SecretKind::RefreshToken);
    let now = app.clock.now();
    let expires = family
        .expires_at
        .min(now + app.config.tokens.refresh_idle());
    let digest: Digest = minted.digest.clone();
    refresh_token::add(tx, app.new_id(), family.id, digest, (now, expires)).await?;
    Ok(minted)
}
