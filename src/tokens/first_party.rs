//! Tokens for the back end of a front end that signs people in by the JSON API: access tokens
//! (RFC 9068) by the same issuer and keys as all others, without a grant. They live as long as those,
//! and none of our own endpoints opens to them: whoever holds one has a session, and whoever has a
//! session needs none here.

use entity::{
    client, session,
    session::SignedIn,
    session_client,
    value::{ADMIN, OFFLINE_ACCESS, OPENID, Scope, SigningAlg},
};
use sea_orm::DbErr;
use serde_json::json;

use super::{claims, subject::subject};
use crate::{
    app::App,
    crypto::{jwt::Typ, secret::random_id},
};

/// The `client_id` where the operator has named no client.
pub const CLIENT_ID: &str = "doorward";

/// How the name of each begins. No family of tokens has such a name.
const NAME: &str = "session.";

/// What they say of the person where the operator has named no client.
const SAYS: &str = "profile email";

/// The claims that they may hold (each bought by its scope); the back end asks for others.
const CLAIMS: [&str; 3] = ["email", "email_verified", "name"];

/// For whom they are made.
enum For {
    Client(Box<client::Model>),
    Nobody,
}

/// A token that speaks for whoever is signed in. None if they have been signed out meanwhile.
pub async fn token(app: &App, own: &SignedIn) -> anyhow::Result<Option<String>> {
    let whom = whom(app).await?;
    if let For::Client(client) = &whom
        && !noted(app, own, client).await?
    {
        return Ok(None);
    }
    let (session, user, now) = (&own.session, &own.user, app.clock.now());
    let (client_id, sub, alg, scope) = match &whom {
        For::Client(client) => (
            client.client_id.as_str(),
            subject(app, client, user),
            client.access_token_signed_response_alg,
            of_client(client),
        ),
        For::Nobody => (
            CLIENT_ID,
            user.subject.clone(),
            SigningAlg::ES256,
            SAYS.parse().unwrap_or_default(),
        ),
    };
    let ends_at = session.ends_at.min(now + app.config.tokens.access());
    let mut said = claims::bought_by(&scope, user);
    said.retain(|name, _| CLAIMS.contains(&name.as_str()));
    said.extend([
        ("iss".to_owned(), json!(app.config.server.issuer)),
        ("aud".to_owned(), json!(app.config.default_audience())),
        ("sub".to_owned(), json!(sub)),
        ("client_id".to_owned(), json!(client_id)),
        (
            "jti".to_owned(),
            json!(format!("{NAME}{}", random_id::<16>())),
        ),
        ("iat".to_owned(), json!(now.timestamp())),
        ("exp".to_owned(), json!(ends_at.timestamp())),
        ("sid".to_owned(), json!(session.id)),
        // RFC 9068 §2.2.1.
        ("auth_time".to_owned(), json!(session.auth_time.timestamp())),
        ("acr".to_owned(), json!(session.acr)),
        ("amr".to_owned(), json!(session.amr)),
    ]);
    if !scope.is_empty() {
        said.insert("scope".to_owned(), json!(scope.to_string()));
    }
    let signed = app.keyring.sign(alg, Typ::AccessToken, &said, now)?;
    Ok(Some(signed))
}

/// Whether a token of that name is one of these.
pub(super) fn is_one(jti: &str) -> bool {
    jti.starts_with(NAME)
}

async fn whom(app: &App) -> anyhow::Result<For> {
    let Some(id) = &app.config.api.client_id else {
        return Ok(For::Nobody);
    };
    match client::enabled(&app.db.read, id).await? {
        Some(client) => Ok(For::Client(Box::new(client))),
        None => anyhow::bail!("api.client_id names no client that is registered and enabled"),
    }
}

/// Notes that the client learns of the session, so that it is told when that ends.
async fn noted(app: &App, own: &SignedIn, client: &client::Model) -> Result<bool, DbErr> {
    let known = session_client::of_sessions(&app.db.read, &[own.session.id]).await?;
    if known.iter().any(|(_, one)| one.id == client.id) {
        return Ok(true);
    }
    let tx = app.db.begin().await?;
    let live = session::is_live(&tx, own.session.id, app.clock.now()).await?
        && session_client::note(&tx, own.session.id, client.id).await?;
    tx.commit().await?;
    Ok(live)
}

/// What the client may ask for, without what takes a grant: nobody was asked for one.
fn of_client(client: &client::Model) -> Scope {
    let granted = [OPENID, OFFLINE_ACCESS, ADMIN];
    granted
        .into_iter()
        .fold(client.scope.clone(), |left, word| left.without(word))
}
