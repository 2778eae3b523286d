//! Access tokens: JWTs of type `at+jwt` (RFC 9068).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use entity::{
    client,
    value::{Confirmation, Scope},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{claims, grant::Grant, subject::subject};
use crate::{
    app::App,
    crypto::{jwt::Typ, secret::random_id},
};

/// What an access token is for, whoever it stands for.
pub(super) struct Reach<'a> {
    pub client: &'a client::Model,
    pub scope: &'a Scope,
    /// The resources that were named (RFC 8707 §2); the default audience if none was.
    pub resources: &'a [String],
    pub confirmation: Option<&'a Confirmation>,
    pub ends_at: DateTime<Utc>,
}

/// A token for what a person granted. `family` is what ends it before its time.
pub(super) fn for_person(
    app: &App,
    grant: &Grant<'_>,
    family: Uuid,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    let ends_at = now + app.config.tokens.access();
    let jti = format!("{}.{}", URL_SAFE_NO_PAD.encode(family), random_id::<12>());
    for_actor(app, grant, jti, (ends_at, None), now)
}

/// The name of a token that is exchanged for the one of that name: it begins with it, so that whatever
/// ends the first ends the second.
pub(super) fn descendant(jti: &str) -> String {
    format!("{jti}~{}", random_id::<12>())
}

/// The token of that name and those that it was exchanged for, the first of them first.
pub fn lineage(jti: &str) -> Vec<String> {
    let ends = jti.match_indices('~').map(|(end, _)| end);
    ends.chain([jti.len()])
        .map(|end| jti[..end].to_owned())
        .collect()
}

/// The same until `ends_at`, with those who act for the person (RFC 8693 §4.1).
pub(super) fn for_actor(
    app: &App,
    grant: &Grant<'_>,
    jti: String,
    (ends_at, act): (DateTime<Utc>, Option<&Value>),
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    // RFC 9068 §2.2, §2.2.1: how the person signed in, as of the original grant.
    let mut claims = json!({
        "sub": subject(app, grant.client, grant.user),
        "jti": jti,
        "auth_time": grant.sign_in.auth_time.timestamp(),
        "acr": grant.sign_in.acr,
        "amr": grant.sign_in.amr,
        "sid": grant.sign_in.session_id,
    });
    if let Some(act) = act {
        claims["act"] = act.clone();
    }
    let reach = Reach {
        client: grant.client,
        scope: grant.scope,
        resources: grant.resources,
        confirmation: grant.confirmation,
        ends_at,
    };
    signed(app, claims, &reach, now)
}

/// A token for a client that acts for itself (RFC 6749 §4.4).
pub(super) fn for_client(
    app: &App,
    reach: &Reach<'_>,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    let claims = json!({
        // No user's subject has a colon-separated word in front (RFC 9068 §5).
        "sub": format!("client:{}", reach.client.client_id),
        "jti": random_id::<16>(),
    });
    signed(app, claims, reach, now)
}

/// The family that a `jti` belongs to; none for a client's own token.
pub(super) fn family_of(jti: &str) -> Option<Uuid> {
    let (family, _) = jti.split_once('.')?;
    let bytes = URL_SAFE_NO_PAD.decode(family).ok()?;
    Uuid::from_slice(&bytes).ok()
}

/// Adds what every access token says (RFC 9068 §2.2), and signs.
pub(super) fn signed(
    app: &App,
    mut claims: Value,
    reach: &Reach<'_>,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    claims["iss"] = json!(app.config.server.issuer);
    claims["aud"] = audience(app, reach);
    claims["client_id"] = json!(reach.client.client_id);
    claims["iat"] = json!(now.timestamp());
    claims["exp"] = json!(reach.ends_at.timestamp());
    if !reach.scope.is_empty() {
        claims["scope"] = json!(reach.scope.to_string());
    }
    // RFC 7800 §3.1: whoever presents it must hold this key.
    if let Some(confirmation) = reach.confirmation {
        claims["cnf"] = json!(confirmation);
    }
    let alg = reach.client.access_token_signed_response_alg;
    app.keyring.sign(alg, Typ::AccessToken, &claims, now)
}

/// The named resources or the default audience, and us where the token must also open userinfo.
fn audience(app: &App, reach: &Reach<'_>) -> Value {
    let issuer = app.config.server.issuer.as_str();
    let mut names: Vec<&str> = reach.resources.iter().map(String::as_str).collect();
    if names.is_empty() {
        names.push(app.config.default_audience());
    }
    if claims::opens_userinfo(reach.scope) && !names.contains(&issuer) {
        names.push(issuer);
    }
    match names.as_slice() {
        [one] => json!(one),
        several => json!(several),
    }
}
