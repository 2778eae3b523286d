//! The authorization response: what was asked for, minted with every binding (RFC 6749 §4.1.2,
//! OpenID Connect Core §3.2.2.5, §3.3.2.5).

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    authorization_code, client, pushed_request,
    session::{self, SignedIn},
    session_client, token_family,
    value::{EventKind, Names},
};
use sea_orm::{ConnectionTrait, DbErr, Set};
use uuid::Uuid;

use super::{Answer, Request, consent};
use crate::{
    app::App,
    crypto::secret::{Minted, SecretKind},
    events::{self, About},
    tokens::{
        grant::{Grant, SignIn},
        issue::{self, FrontChannel},
    },
};

/// For how long a challenge or nonce that is sent again is noticed.
pub const CONSTANTS_SEEN: TimeDelta = TimeDelta::hours(24);

/// What came of answering.
pub(super) enum Outcome {
    Answered(Answer),
    /// The session ended a moment ago.
    SessionEnded,
    /// The pushed request was answered before (RFC 9126 §4).
    Spent,
}

/// Answers the request: a code, tokens, or both, all of them in one transaction with the consent
/// that the person can take back.
pub(super) async fn answer(
    app: &App,
    client: &client::Model,
    request: &Request,
    signed_in: &SignedIn,
) -> anyhow::Result<Outcome> {
    let now = app.clock.now();
    let kind = request.response_type;
    notice_constants(app, client, request, signed_in).await?;
    let tx = app.db.begin().await?;
    // First of all: it asks whether the session and the client still are there.
    if !session_client::note(&tx, signed_in.session.id, client.id).await? {
        return Ok(Outcome::SessionEnded);
    }
    if let Some(pushed) = request.pushed
        && !pushed_request::consume(&tx, pushed, now).await?
    {
        return Ok(Outcome::Spent);
    }
    let code = match kind.has_code() {
        true => match mint_code(app, &tx, client, request, signed_in).await? {
            Some(code) => Some(code),
            None => return Ok(Outcome::SessionEnded),
        },
        false => None,
    };
    let family = match kind.has_token() {
        true => match start_family(app, &tx, client, request, signed_in).await? {
            Some(family) => Some(family),
            None => return Ok(Outcome::SessionEnded),
        },
        false => None,
    };
    consent::remember(app, &tx, client, request, signed_in).await?;
    // A person came from it, so it is one to be kept.
    if client.used_at.is_none() {
        client::mark_used(&tx, client.id, now).await?;
    }
    tx.commit().await?;
    let scope = request.scope();
    let grant = Grant {
        client,
        user: &signed_in.user,
        sign_in: SignIn::from(&signed_in.session),
        scope: &scope,
        nonce: request.nonce.as_deref(),
        claims: request.claims.as_ref(),
        resources: &request.resources,
        confirmation: None,
        only_id_token: !kind.has_code() && !kind.has_token(),
    };
    let code = code.as_ref().map(Minted::expose);
    let tokens = issue::front_channel(app, &grant, family, kind.has_id_token(), code)?;
    let said = said(app, request, code, tokens);
    Ok(Outcome::Answered(request.return_to().with(app, said)))
}

/// The members of the response, in the order of the specifications.
fn said(
    app: &App,
    request: &Request,
    code: Option<&str>,
    tokens: FrontChannel,
) -> Vec<(&'static str, String)> {
    let mut said = Vec::new();
    if let Some(code) = code {
        said.push(("code", code.to_owned()));
    }
    if let Some(token) = tokens.access_token {
        said.push(("access_token", token));
        said.push(("token_type", issue::token_type(None).to_owned()));
        said.push(("expires_in", app.config.tokens.access_seconds.to_string()));
        said.push(("scope", request.scope.clone()));
    }
    if let Some(token) = tokens.id_token {
        said.push(("id_token", token));
    }
    said
}

/// Mints a code with every binding; none if the session ended a moment ago.
async fn mint_code(
    app: &App,
    tx: &impl ConnectionTrait,
    client: &client::Model,
    request: &Request,
    signed_in: &SignedIn,
) -> Result<Option<Minted>, DbErr> {
    let now = app.clock.now();
    let minted = app.secrets.mint(SecretKind::AuthorizationCode);
    let session = &signed_in.session;
    let row = authorization_code::ActiveModel {
        id: Set(app.new_id()),
        code: Set(minted.digest.clone()),
        client_id: Set(client.id),
        user_id: Set(signed_in.user.id),
        session_id: Set(Some(session.id)),
        family_id: Set(app.new_id()),
        redirect_uri: Set(request.redirect_uri.clone()),
        code_challenge: Set(request.code_challenge.clone()),
        nonce: Set(request.nonce.clone()),
        scope: Set(request.scope()),
        claims: Set(request.claims.clone()),
        resources: Set(Names(request.resources.clone())),
        dpop_jkt: Set(request.dpop_jkt.clone()),
        auth_time: Set(session.auth_time),
        amr: Set(session.amr.clone()),
        acr: Set(session.acr.clone()),
        created_at: Set(now),
        expires_at: Set(now + app.config.tokens.code()),
        consumed_at: Set(None),
    };
    let added = authorization_code::add(tx, row).await?;
    Ok(added.then_some(minted))
}

/// What ends an access token that this endpoint gives, before its time: it lives as long as the
/// token, and as the session. None if that, the person or the client has just gone.
async fn start_family(
    app: &App,
    tx: &impl ConnectionTrait,
    client: &client::Model,
    request: &Request,
    signed_in: &SignedIn,
) -> Result<Option<Uuid>, DbErr> {
    let now: DateTime<Utc> = app.clock.now();
    let session = &signed_in.session;
    // Nothing else that is written here refers to it.
    if !session::is_live(tx, session.id, now).await? {
        return Ok(None);
    }
    let family = token_family::ActiveModel {
        id: Set(app.new_id()),
        client_id: Set(client.id),
        user_id: Set(signed_in.user.id),
        session_id: Set(session.id),
        offline: Set(false),
        scope: Set(request.scope()),
        claims: Set(request.claims.clone()),
        resources: Set(Names(request.resources.clone())),
        confirmation: Set(None),
        auth_time: Set(session.auth_time),
        amr: Set(session.amr.clone()),
        acr: Set(session.acr.clone()),
        created_at: Set(now),
        expires_at: Set(now + app.config.tokens.access()),
        revoked_at: Set(None),
    };
    let added = token_family::add(tx, family).await?;
    Ok(added.map(|family| family.id))
}

/// RFC 9700 §2.1.1: a client that sends the same challenge or nonce again has thrown away what they
/// protect it from. It is answered, and its operator can see it.
async fn notice_constants(
    app: &App,
    client: &client::Model,
    request: &Request,
    signed_in: &SignedIn,
) -> Result<(), DbErr> {
    let now = app.clock.now();
    let sent = (request.code_challenge.as_deref(), request.nonce.as_deref());
    let since = now - CONSTANTS_SEEN;
    if authorization_code::is_constant(&app.db.read, client.id, sent, since).await? {
        let about = About::user(signed_in.user.id).and_client(client.id);
        events::record(&app.db.write, EventKind::ConstantSeen, about, now).await?;
    }
    Ok(())
}
