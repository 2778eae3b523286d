//! What makes an access token valid here: our own endpoints see revocation at once.

use chrono::{DateTime, Utc};
use entity::{client, revoked_token, token_family, user};
use sea_orm::DbErr;
use serde::Deserialize;

use super::issue::family_of;
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
}

/// The claims of a token that we signed as an access token and that has not ended by itself.
pub fn read(app: &App, token: &str) -> Option<AccessClaims> {
    let claims: AccessClaims = app.keyring.verify(token, Typ::AccessToken).ok()?;
    let fits = claims.iss == app.config.server.issuer && claims.exp > app.clock.now().timestamp();
    fits.then_some(claims)
}

/// When the token ends by itself.
pub fn ends_at(claims: &AccessClaims) -> DateTime<Utc> {
    DateTime::from_timestamp(claims.exp, 0).unwrap_or_default()
}

/// The token, if nothing that it depends on has ended: itself, its family, its client, its user.
pub async fn valid(app: &App, token: &str) -> Result<Option<Valid>, DbErr> {
    let Some(claims) = read(app, token) else {
        return Ok(None);
    };
    let db = &app.db.read;
    if revoked_token::contains(db, &claims.jti).await? {
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
        }));
    };
    let Some(family) = token_family::live(db, family, app.clock.now()).await? else {
        return Ok(None);
    };
    let user = user::find(db, family.user_id).await?;
    Ok(user
        .filter(|user| user.disabled_at.is_none() && user.subject == claims.sub)
        .map(|user| Valid {
            claims,
            client,
            user: Some(user),
        }))
}
