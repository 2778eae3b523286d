//! `urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693): one access token for another that
//! reaches no further and lives no longer. What comes of it belongs to the same family and bears the
//! name of what it came from (see `tokens::access_token`), so it ends with both.

use chrono::DateTime;
use entity::{
    client,
    value::{OFFLINE_ACCESS, Scope},
};
use poem_openapi::Object;
use serde_json::{Value, json};

use super::GrantError;
use crate::{
    app::App,
    oauth::error::{ErrorCode, OauthError},
    tokens::{
        grant::{Grant, SignIn},
        issue::{self, ACCESS_TOKEN_TYPE, Exchanged, TokenAnswer},
        resource,
        sender::Sender,
        verify::{self, Valid},
    },
};

/// A token, what it is to become, and perhaps who acts with it.
#[derive(Debug, Object)]
pub struct TokenExchange {
    /// An access token of ours: the client's own, or one that is meant for it.
    pub subject_token: String,
    /// `urn:ietf:params:oauth:token-type:access_token`.
    pub subject_token_type: String,
    /// An access token of whoever acts for the subject.
    pub actor_token: Option<String>,
    /// `urn:ietf:params:oauth:token-type:access_token`, if there is an `actor_token`.
    pub actor_token_type: Option<String>,
    /// `urn:ietf:params:oauth:token-type:access_token`, which is also the default.
    pub requested_token_type: Option<String>,
    /// Not more than both the subject token and the client have.
    pub scope: Option<String>,
    /// What the new token is for, by name; may be repeated.
    pub audience: Option<Vec<String>>,
    /// What the new token is for, by address (RFC 8707 §2); may be repeated.
    pub resource: Option<Vec<String>>,
}

/// More than one token is for.
const MOST_TARGETS: usize = 8;

/// More exchanges after one another than any token goes through.
const MOST_EXCHANGES: usize = 16;

/// More actors behind one another than any token has.
const MOST_ACTORS: usize = 8;

pub(super) async fn answer(
    app: &App,
    client: &client::Model,
    sender: &Sender,
    request: &TokenExchange,
) -> Result<TokenAnswer, GrantError> {
    check_types(request)?;
    let subject = presented(app, client, sender, &request.subject_token).await?;
    let actor = match &request.actor_token {
        Some(token) => Some(presented(app, client, sender, token).await?),
        None => None,
    };
    // Nobody acts in the name of a service that only sent them its token.
    if actor
        .as_ref()
        .is_some_and(|actor| actor.client.id != client.id)
    {
        return Err(refused("the actor token is not the client's own").into());
    }
    let (Some(user), Some(family)) = (&subject.user, &subject.family) else {
        return Err(refused("the subject token stands for no person").into());
    };
    if verify::lineage(&subject.claims.jti).len() > MOST_EXCHANGES {
        return Err(refused("the subject token was exchanged too often").into());
    }
    let actor = actor.as_ref();
    may_act(app, client, &subject, actor)?;
    let act = chain(&subject, actor)?;
    let scope = narrowed(client, &subject, request.scope.as_deref())?;
    let targets = targets(app, request).await?;
    let grant = Grant {
        client,
        user,
        sign_in: SignIn::from(family),
        scope: &scope,
        nonce: None,
        claims: None,
        resources: &targets,
        confirmation: sender.confirmation.as_ref(),
        only_id_token: false,
    };
    // RFC 8693 §5: not longer than what it was given for.
    let ends = [Some(&subject), actor].into_iter().flatten();
    let ends = ends.map(|token| token.claims.exp).min().unwrap_or_default();
    let exchanged = Exchanged {
        ends_at: DateTime::from_timestamp(ends, 0).unwrap_or_default(),
        act,
        origin: subject.claims.jti.clone(),
    };
    Ok(issue::exchanged(app, &grant, exchanged)?)
}

/// RFC 8693 §2.2.2: what is wrong with a token is `invalid_request`.
fn refused(why: &str) -> OauthError {
    OauthError::invalid_request(why)
}

/// RFC 8693 §2.1: only access tokens, for access tokens. An ID token is for its client and proves no
/// access; a refresh token is nobody's but its client's.
fn check_types(request: &TokenExchange) -> Result<(), OauthError> {
    let is_access = |kind: &str| kind == ACCESS_TOKEN_TYPE;
    if !is_access(&request.subject_token_type) {
        return Err(refused(
            "subject_token_type must be that of an access token",
        ));
    }
    if !request
        .requested_token_type
        .as_deref()
        .is_none_or(is_access)
    {
        return Err(refused(
            "requested_token_type must be that of an access token",
        ));
    }
    match (&request.actor_token, request.actor_token_type.as_deref()) {
        (None, None) => Ok(()),
        (Some(_), Some(kind)) if is_access(kind) => Ok(()),
        (Some(_), Some(_)) => Err(refused("actor_token_type must be that of an access token")),
        _ => Err(refused("actor_token and actor_token_type go together")),
    }
}

/// A token that is valid now and that this client may present: its own, or one that is meant for it.
async fn presented(
    app: &App,
    client: &client::Model,
    sender: &Sender,
    token: &str,
) -> Result<Valid, GrantError> {
    let valid = verify::valid(app, token).await?;
    let valid = valid.ok_or_else(|| refused("a token is expired, revoked or not ours"))?;
    if valid.client.id == client.id {
        // A thief who has the token and not the key must not get it changed into one for bearers. A
        // token that was sent to a resource came with a proof to there, and has none to go on with.
        if !sender.holds(valid.claims.cnf.as_ref()) {
            return Err(
                refused("a token is bound to a key that the request does not prove").into(),
            );
        }
        return Ok(valid);
    }
    let names = valid.claims.aud.names();
    let meant = names.contains(&client.client_id)
        || names.iter().any(|name| client.audiences.0.contains(name));
    match meant {
        true => Ok(valid),
        false => Err(refused("a token is neither the client's own nor meant for it").into()),
    }
}

/// RFC 8693 §4.4: whom the subject token names as the one who may act, if it names somebody. Without
/// an actor token it is the client that acts.
fn may_act(
    app: &App,
    client: &client::Model,
    subject: &Valid,
    actor: Option<&Valid>,
) -> Result<(), OauthError> {
    let Some(named) = &subject.claims.may_act else {
        return Ok(());
    };
    let own = format!("client:{}", client.client_id);
    let (sub, client_id) = match actor {
        Some(actor) => (&actor.claims.sub, &actor.claims.client_id),
        None => (&own, &client.client_id),
    };
    let fits = |(name, value): (&String, &Value)| match name.as_str() {
        "iss" => *value == app.config.server.issuer,
        "sub" => value == sub,
        "client_id" => value == client_id,
        // What we do not understand could be what excludes the actor.
        _ => false,
    };
    let named = named.as_object().filter(|named| !named.is_empty());
    match named.is_some_and(|named| named.iter().all(fits)) {
        true => Ok(()),
        false => Err(refused("the subject token names another actor")),
    }
}

/// RFC 8693 §4.1: who acts now, and behind them who acted before.
fn chain(subject: &Valid, actor: Option<&Valid>) -> Result<Option<Value>, OauthError> {
    let before = subject.claims.act.clone();
    let Some(actor) = actor else {
        return Ok(before);
    };
    let mut act = json!({ "sub": actor.claims.sub, "client_id": actor.claims.client_id });
    if let Some(before) = before {
        act["act"] = before;
    }
    let actors = std::iter::successors(Some(&act), |act| act.get("act"));
    match actors.count() <= MOST_ACTORS {
        true => Ok(Some(act)),
        false => Err(refused("too many have acted with this token")),
    }
}

/// Not more than the subject token has, nor than the client may have. Nothing here lasts beyond the
/// subject token, so there is no offline access to be had.
fn narrowed(
    client: &client::Model,
    subject: &Valid,
    asked: Option<&str>,
) -> Result<Scope, OauthError> {
    let too_much = || {
        let why = "scope exceeds what the subject token or the client has";
        OauthError::new(ErrorCode::InvalidScope, why)
    };
    let had: Scope = subject.claims.scope.parse().unwrap_or_default();
    let most = had.intersection(&client.scope).without(OFFLINE_ACCESS);
    let Some(asked) = asked.filter(|asked| !asked.is_empty()) else {
        return Ok(most);
    };
    let asked: Scope = asked.parse().map_err(|_| too_much())?;
    match asked.is_within(&most) {
        true => Ok(asked),
        false => Err(too_much()),
    }
}

/// What the new token is for: names and addresses that are known here (RFC 8693 §2.2.2).
async fn targets(app: &App, request: &TokenExchange) -> Result<Vec<String>, GrantError> {
    let addresses = request.resource.iter().flatten().map(String::as_str);
    let mut targets = resource::asked(app, addresses).await??;
    for name in request.audience.iter().flatten() {
        if targets.contains(name) {
            continue;
        }
        // A client can be named too, so that it may exchange the token in its turn.
        let known = resource::is_known(app, &app.db.read, name).await?
            || client::enabled(&app.db.read, name).await?.is_some();
        if !known || targets.len() == MOST_TARGETS {
            return Err(OauthError::invalid_target("there is no such audience here").into());
        }
        targets.push(name.clone());
    }
    Ok(targets)
}
