//! Making tokens: the one place through which every grant goes.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    client, token_family, user,
    value::{OPENID, Scope},
};
use poem_openapi::Object;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::claims;
use crate::{
    app::App,
    crypto::{jwt::Typ, secret::random_id, sha256},
};

/// The answer of the token endpoint (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct TokenAnswer {
    /// A JWT of type `at+jwt` (RFC 9068).
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds until the access token ends.
    pub expires_in: i64,
    /// What was granted, always said.
    pub scope: String,
    /// With `offline_access`: what gets the next access token.
    pub refresh_token: Option<String>,
    /// With `openid`: who signed in.
    pub id_token: Option<String>,
}

/// A person's grant, as it stands in the database.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    pub client: &'a client::Model,
    pub user: &'a user::Model,
    pub family: &'a token_family::Model,
    /// The scope of this answer: the family's, or less.
    pub scope: &'a Scope,
    pub nonce: Option<&'a str>,
}

/// Tokens for a person's grant.
pub fn for_person(
    app: &App,
    grant: Grant<'_>,
    refresh_token: Option<String>,
) -> anyhow::Result<TokenAnswer> {
    let now = app.clock.now();
    let access_token = access_token_for_person(app, &grant, now)?;
    let id_token = match grant.scope.contains(OPENID) {
        true => Some(id_token(app, &grant, &access_token, now)?),
        false => None,
    };
    Ok(answer(
        app,
        access_token,
        grant.scope,
        refresh_token,
        id_token,
    ))
}

/// A token for a client that acts for itself (RFC 6749 §4.4). Writes no row.
pub fn for_client(app: &App, client: &client::Model, scope: &Scope) -> anyhow::Result<TokenAnswer> {
    let now = app.clock.now();
    let mut claims = json!({
        // No user's subject has a colon-separated word in front (RFC 9068 §5).
        "sub": format!("client:{}", client.client_id),
        "aud": app.config.default_audience(),
        "jti": random_id::<16>(),
    });
    complete(
        app,
        &mut claims,
        client,
        scope,
        now,
        app.config.tokens.access(),
    );
    let alg = client.access_token_signed_response_alg;
    let access_token = app.keyring.sign(alg, Typ::AccessToken, &claims, now)?;
    Ok(answer(app, access_token, scope, None, None))
}

/// The family that a `jti` belongs to; none for a client's own token.
pub(super) fn family_of(jti: &str) -> Option<Uuid> {
    let (family, _) = jti.split_once('.')?;
    let bytes = URL_SAFE_NO_PAD.decode(family).ok()?;
    Uuid::from_slice(&bytes).ok()
}

fn access_token_for_person(
    app: &App,
    grant: &Grant<'_>,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    let family = grant.family;
    // RFC 9068 §2.2, §2.2.1: how the person signed in, as of the original grant.
    let mut claims = json!({
        "sub": grant.user.subject,
        "aud": audience(app, grant.scope),
        "jti": format!("{}.{}", URL_SAFE_NO_PAD.encode(family.id), random_id::<12>()),
        "auth_time": family.auth_time.timestamp(),
        "acr": family.acr,
        "amr": family.amr,
        "sid": family.session_id,
    });
    complete(
        app,
        &mut claims,
        grant.client,
        grant.scope,
        now,
        app.config.tokens.access(),
    );
    let alg = grant.client.access_token_signed_response_alg;
    app.keyring.sign(alg, Typ::AccessToken, &claims, now)
}

/// The default audience, and us where the token must also open userinfo.
fn audience(app: &App, scope: &Scope) -> Value {
    let (default, issuer) = (app.config.default_audience(), &app.config.server.issuer);
    match scope.contains(OPENID) && default != issuer {
        true => json!([default, issuer]),
        false => json!(default),
    }
}

/// What every access token says (RFC 9068 §2.2).
fn complete(
    app: &App,
    claims: &mut Value,
    client: &client::Model,
    scope: &Scope,
    now: DateTime<Utc>,
    life: TimeDelta,
) {
    claims["iss"] = json!(app.config.server.issuer);
    claims["client_id"] = json!(client.client_id);
    claims["iat"] = json!(now.timestamp());
    claims["exp"] = json!((now + life).timestamp());
    if !scope.is_empty() {
        claims["scope"] = json!(scope.to_string());
    }
}

/// OpenID Connect Core §2.
fn id_token(
    app: &App,
    grant: &Grant<'_>,
    access_token: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    let family = grant.family;
    let mut claims = Map::new();
    if grant.client.claims_in_id_token {
        claims = claims::bought_by(grant.scope, grant.user);
    }
    claims.insert("iss".into(), json!(app.config.server.issuer));
    claims.insert("sub".into(), json!(grant.user.subject));
    claims.insert("aud".into(), json!(grant.client.client_id));
    claims.insert("iat".into(), json!(now.timestamp()));
    claims.insert(
        "exp".into(),
        json!((now + app.config.tokens.id()).timestamp()),
    );
    claims.insert("auth_time".into(), json!(family.auth_time.timestamp()));
    claims.insert("acr".into(), json!(family.acr));
    claims.insert("amr".into(), json!(family.amr));
    // §3.1.3.6: the left half of the hash that goes with the signature; all of ours are SHA-256.
    let half = &sha256(access_token.as_bytes())[..16];
    claims.insert("at_hash".into(), json!(URL_SAFE_NO_PAD.encode(half)));
    if let Some(nonce) = grant.nonce {
        claims.insert("nonce".into(), json!(nonce));
    }
    claims.insert("sid".into(), json!(family.session_id));
    app.keyring.sign(
        grant.client.id_token_signed_response_alg,
        Typ::IdToken,
        &claims,
        now,
    )
}

fn answer(
    app: &App,
    access_token: String,
    scope: &Scope,
    refresh_token: Option<String>,
    id_token: Option<String>,
) -> TokenAnswer {
    TokenAnswer {
        access_token,
        token_type: "Bearer".to_owned(),
        expires_in: app.config.tokens.access_seconds.into(),
        scope: scope.to_string(),
        refresh_token,
        id_token,
    }
}
