//! `authorization_code` (RFC 6749 §4.1.3): a code for tokens, once.

use entity::{
    authorization_code::{self as code_table, Bindings},
    client, consent, token_family,
    value::EventKind,
};
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, DbErr, Set};

use super::{GrantError, family, person};
use crate::{
    app::App,
    crypto::secret::SecretKind,
    events::{self, About},
    oauth::{error::OauthError, pkce},
    tokens::{
        grant::{Grant, SignIn},
        issue::{self, TokenAnswer},
        resource,
        sender::Sender,
    },
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
    /// What the access token is for, of what was granted (RFC 8707 §2.2); may be repeated.
    pub resource: Option<Vec<String>>,
}

/// One refusal for every reason, so that a stolen code teaches nothing.
fn refused() -> GrantError {
    OauthError::invalid_grant("the code is wrong, expired or used, or not for this request").into()
}

pub(super) async fn answer(
    app: &App,
    client: &client::Model,
    sender: &Sender,
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
        jkt: sender.jkt(),
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
    let others = resource::of_others(app, &row.resources.0);
    if !allowed.is_some_and(|allowed| allowed.covers(&row.scope, &others)) {
        return Err(refused());
    }
    // Consuming asked for a session, so there is one.
    let session_id = row.session_id.ok_or_else(refused)?;
    let named = request.resource.iter().flatten();
    let resources = resource::of_answer(app, &tx, &row.resources.0, named).await??;
    let given = token_family::ActiveModel {
        id: Set(row.family_id),
        client_id: Set(row.client_id),
        user_id: Set(row.user_id),
        session_id: Set(session_id),
        claims: Set(row.claims),
        resources: Set(row.resources),
        confirmation: Set(sender.lasting(client).cloned()),
        auth_time: Set(row.auth_time),
        amr: Set(row.amr),
        acr: Set(row.acr),
        ..Default::default()
    };
    let family = family::start(app, &tx, &row.scope, given).await?;
    let family = family.ok_or_else(refused)?;
    let refresh = family::first_refresh_token(app, &tx, client, &family).await?;
    tx.commit().await?;
    let grant = Grant {
        client,
        user: &user,
        sign_in: SignIn::from(&family),
        scope: &family.scope,
        nonce: row.nonce.as_deref(),
        claims: family.claims.as_ref(),
        resources: &resources,
        confirmation: sender.confirmation.as_ref(),
        only_id_token: false,
    };
    let refresh = refresh.map(|minted| minted.expose().to_owned());
    Ok(issue::for_person(app, grant, family.id, refresh)?)
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
        && row.code_challenge.as_deref() == bindings.code_challenge
        && (row.dpop_jkt.is_none() || row.dpop_jkt.as_deref() == bindings.jkt);
    let now = app.clock.now();
    if same && token_family::revoke(tx, row.family_id, now).await? {
        let about = About::user(row.user_id).and_client(row.client_id);
        events::record(tx, EventKind::CodeReplayed, about, now).await?;
    }
    Ok(())
}
