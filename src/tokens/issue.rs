//! Making tokens: the one place through which every grant goes.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    client,
    value::{Confirmation, OPENID, Scope},
};
use poem_openapi::Object;
use serde_json::Value;
use uuid::Uuid;

use super::{
    access_token::{self, Reach},
    grant::Grant,
    id_token::{Companions, id_token},
};
use crate::app::App;

/// The answer of the token endpoint (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct TokenAnswer {
    /// A JWT of type `at+jwt` (RFC 9068).
    pub access_token: String,
    /// `Bearer`, or `DPoP` for a token that is bound to the key of a proof.
    pub token_type: String,
    /// Seconds until the access token ends.
    pub expires_in: i64,
    /// What was granted, always said.
    pub scope: String,
    /// With `offline_access`: what gets the next access token.
    pub refresh_token: Option<String>,
    /// With `openid`: who signed in.
    pub id_token: Option<String>,
    /// What was issued in exchange for a token (RFC 8693 §2.2.1).
    pub issued_token_type: Option<String>,
}

/// The type of our access tokens (RFC 8693 §3).
pub const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";

/// What an exchanged token says besides its grant.
#[derive(Clone, Debug)]
pub struct Exchanged {
    /// When it ends at the latest.
    pub ends_at: DateTime<Utc>,
    /// Who acts for the person (RFC 8693 §4.1).
    pub act: Option<Value>,
    /// The `jti` of the token that it is exchanged for.
    pub origin: String,
}

/// What the authorization endpoint itself answers with (OpenID Connect Core §3.2.2.5, §3.3.2.5).
#[derive(Debug, Default)]
pub struct FrontChannel {
    pub access_token: Option<String>,
    pub id_token: Option<String>,
}

/// Tokens for what a person granted; `family` is what ends them before their time.
pub fn for_person(
    app: &App,
    grant: Grant<'_>,
    family: Uuid,
    refresh_token: Option<String>,
) -> anyhow::Result<TokenAnswer> {
    let now = app.clock.now();
    let access_token = access_token::for_person(app, &grant, family, now)?;
    let with = Companions {
        access_token: Some(&access_token),
        code: None,
    };
    let id_token = match grant.scope.contains(OPENID) {
        true => Some(id_token(app, &grant, with, now)?),
        false => None,
    };
    let mut answer = answer(access_token, grant.scope, app.config.tokens.access());
    answer.token_type = token_type(grant.confirmation).to_owned();
    answer.refresh_token = refresh_token;
    answer.id_token = id_token;
    Ok(answer)
}

/// Tokens that a browser carries: an access token if there is a `family` for it, an ID token if
/// `wants_id_token`, which vouches for that token and for `code`.
pub fn front_channel(
    app: &App,
    grant: &Grant<'_>,
    family: Option<Uuid>,
    wants_id_token: bool,
    code: Option<&str>,
) -> anyhow::Result<FrontChannel> {
    let now = app.clock.now();
    let access_token = match family {
        Some(family) => Some(access_token::for_person(app, grant, family, now)?),
        None => None,
    };
    let with = Companions {
        access_token: access_token.as_deref(),
        code,
    };
    let id_token = match wants_id_token {
        true => Some(id_token(app, grant, with, now)?),
        false => None,
    };
    Ok(FrontChannel {
        access_token,
        id_token,
    })
}

/// A token for a client that acts for itself (RFC 6749 §4.4). Writes no row.
pub fn for_client(
    app: &App,
    client: &client::Model,
    scope: &Scope,
    resources: &[String],
    confirmation: Option<&Confirmation>,
) -> anyhow::Result<TokenAnswer> {
    let now = app.clock.now();
    let life = app.config.tokens.access();
    let reach = Reach {
        client,
        scope,
        resources,
        confirmation,
        ends_at: now + life,
    };
    let access_token = access_token::for_client(app, &reach, now)?;
    let mut answer = answer(access_token, scope, life);
    answer.token_type = token_type(confirmation).to_owned();
    Ok(answer)
}

/// An access token in exchange for another of the same family (RFC 8693 §2.2.1). Writes no row.
pub fn exchanged(
    app: &App,
    grant: &Grant<'_>,
    exchanged: Exchanged,
) -> anyhow::Result<TokenAnswer> {
    let now = app.clock.now();
    let ends_at = exchanged.ends_at.min(now + app.config.tokens.access());
    let until = (ends_at, exchanged.act.as_ref());
    let access_token = access_token::for_actor(
        app,
        grant,
        access_token::descendant(&exchanged.origin),
        until,
        now,
    )?;
    // Whole seconds, as in the token.
    let left = TimeDelta::seconds(ends_at.timestamp() - now.timestamp());
    let mut answer = answer(access_token, grant.scope, left);
    answer.token_type = token_type(grant.confirmation).to_owned();
    answer.issued_token_type = Some(ACCESS_TOKEN_TYPE.to_owned());
    Ok(answer)
}

/// RFC 9449 §5: a token bound to the key of a proof has a type of its own; one bound to a
/// certificate has not (RFC 8705 §3).
pub fn token_type(confirmation: Option<&Confirmation>) -> &'static str {
    match confirmation {
        Some(Confirmation { jkt: Some(_), .. }) => "DPoP",
        _ => "Bearer",
    }
}

fn answer(access_token: String, scope: &Scope, life: TimeDelta) -> TokenAnswer {
    TokenAnswer {
        access_token,
        token_type: String::new(),
        expires_in: life.num_seconds(),
        scope: scope.to_string(),
        refresh_token: None,
        id_token: None,
        issued_token_type: None,
    }
}
