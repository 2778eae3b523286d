//! What makes an access token valid here: our own endpoints see revocation at once.

use chrono::{DateTime, Utc};
use entity::{client, revoked_token, token_family, user, value::Confirmation};
use sea_orm::DbErr;
use serde::Deserialize;
use serde_json::Value;

pub use super::access_token::lineage;
use super::{access_token::family_of, first_party, subject::subject};
use crate::{app::App, crypto::jwt::Typ};

/// The claims of an access token of ours (RFC 9068 §2.2).
#[derive(Clone, Debug, Deserialize)]
pub struct AccessClaims {
    pub iss: String,
    pub sub: String,
    pub aud: Audience,
    pub client_id: String,
    pub jti: String,
    pub iat: i64,
    pub exp: i64,
    #[serde(default)]
    pub scope: String,
    /// The key that whoever presents it must hold (RFC 7800 §3.1).
    pub cnf: Option<Confirmation>,
    /// Who acts for the subject, and who did before (RFC 8693 §4.1).
    pub act: Option<Value>,
    /// Who may act for the subject (RFC 8693 §4.4).
    pub may_act: Option<Value>,
}

/// `aud`: one name or several (RFC 7519 §4.1.3).
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    pub fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }

    pub fn contains(&self, name: &str) -> bool {
        self.names().iter().any(|own| own == name)
    }
}

/// An access token that is valid now.
#[derive(Clone, Debug)]
pub struct Valid {
    pub claims: AccessClaims,
    pub client: client::Model,
    /// None for a client's own token.
    pub user: Option<user::Model>,
    /// What the person granted; none for a client's own token.
    pub family: Option<token_family::Model>,
}

/// The claims of a token that we signed as an access token and that has not ended by itself.
pub async fn read(app: &App, token: &str) -> Option<AccessClaims> {
    let (kind, now) = (Typ::AccessToken, app.clock.now());
    // Another process may sign with a key that this one has not seen yet.
    app.keyring
        .look_for((token, kind), &app.db, &app.sealer, now)
        .await;
    let claims: AccessClaims = app.keyring.verify(token, kind).ok()?;
    let fits = claims.iss == app.config.server.issuer && claims.exp > now.timestamp();
    fits.then_some(claims)
}

/// When the token ends by itself.
pub fn ends_at(claims: &AccessClaims) -> DateTime<Utc> {
    DateTime::from_timestamp(claims.exp, 0).unwrap_or_default()
}

/// The token, if nothing that it depends on has ended: itself, its family, its client, its user.
pub async fn valid(app: &App, token: &str) -> Result<Option<Valid>, DbErr> {
    let Some(claims) = read(app, token).await else {
        return Ok(None);
    };
    // It is for the back end, and says what its session does: here that has to be shown itself.
    if first_party::is_one(&claims.jti) {
        return Ok(None);
    }
    let db = &app.db.read;
    // What was exchanged for a token ends with it (RFC 8693).
    if revoked_token::contains_any(db, lineage(&claims.jti)).await? {
        return Ok(None);
    }
    let Some(client) = client::enabled(db, &claims.client_id).await? else {
        return Ok(None);
    };
    let Some(family) = family_of(&claims.jti) else {
        return Ok(Some(Valid {
            claims,
            client,
            user: None,
            family: None,
        }));
    };
    let Some(family) = token_family::live(db, family, app.clock.now()).await? else {
        return Ok(None);
    };
    // What was exchanged for another client's token ends with that client too (RFC 8693).
    if family.client_id != client.id
        && client::find(db, family.client_id)
            .await?
            .is_none_or(|first| first.disabled_at.is_some())
    {
        return Ok(None);
    }
    let user = user::find(db, family.user_id).await?;
    Ok(user
        .filter(|user| user.disabled_at.is_none() && subject(app, &client, user) == claims.sub)
        .map(|user| Valid {
            claims,
            client,
            user: Some(user),
            family: Some(family),
        }))
}
