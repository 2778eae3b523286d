//! Introspection: what a token is worth now, for whoever may know (RFC 7662).

use entity::{client, refresh_token, user, value::Confirmation};
use poem_openapi::Object;
use sea_orm::DbErr;
use serde_json::{Value, json};

use super::{issue::token_type, subject::subject, verify};
use crate::{app::App, crypto::secret::SecretKind};

/// The answer of the introspection endpoint (RFC 7662 §2.2).
#[derive(Debug, Default, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Introspection {
    /// Whether the token is good now, for the one who asks.
    pub active: bool,
    pub scope: Option<String>,
    pub client_id: Option<String>,
    /// `Bearer` or `DPoP`, for an access token.
    pub token_type: Option<String>,
    /// Seconds since 1970.
    pub exp: Option<i64>,
    /// Seconds since 1970.
    pub iat: Option<i64>,
    pub sub: Option<String>,
    /// One name or several.
    pub aud: Option<Value>,
    pub iss: Option<String>,
    pub jti: Option<String>,
    /// The key that whoever presents the token must hold (RFC 9449 §6.2, RFC 8705 §3.2).
    pub cnf: Option<Confirmation>,
    /// Who acts for the subject (RFC 8693 §4.1).
    pub act: Option<Value>,
}

/// What `asker` may know about a token: its own, or an access token meant for it. Everything else
/// is inactive and nothing more is said.
pub async fn introspect(
    app: &App,
    asker: &client::Model,
    token: &str,
) -> Result<Introspection, DbErr> {
    if let Some(digest) = app.secrets.digest(SecretKind::RefreshToken, token) {
        return introspect_refresh_token(app, asker, &digest).await;
    }
    let Some(valid) = verify::valid(app, token).await? else {
        return Ok(Introspection::default());
    };
    let names = valid.claims.aud.names();
    let meant = names.contains(&asker.client_id)
        || names.iter().any(|name| asker.audiences.0.contains(name));
    if valid.client.id != asker.id && !meant {
        return Ok(Introspection::default());
    }
    let claims = valid.claims;
    Ok(Introspection {
        active: true,
        scope: (!claims.scope.is_empty()).then_some(claims.scope),
        client_id: Some(claims.client_id),
        token_type: Some(token_type(claims.cnf.as_ref()).to_owned()),
        exp: Some(claims.exp),
        iat: Some(claims.iat),
        sub: Some(claims.sub),
        aud: Some(match claims.aud {
            verify::Audience::One(name) => json!(name),
            verify::Audience::Several(names) => json!(names),
        }),
        iss: Some(claims.iss),
        jti: Some(claims.jti),
        cnf: claims.cnf,
        act: claims.act,
    })
}

async fn introspect_refresh_token(
    app: &App,
    asker: &client::Model,
    digest: &entity::value::Digest,
) -> Result<Introspection, DbErr> {
    let now = app.clock.now();
    let Some((token, family)) = refresh_token::find(&app.db.read, digest).await? else {
        return Ok(Introspection::default());
    };
    let user = user::find(&app.db.read, family.user_id).await?;
    let live = family.client_id == asker.id
        && token.spent_at.is_none()
        && token.expires_at > now
        && family.revoked_at.is_none()
        && family.expires_at > now;
    let Some(user) = user.filter(|user| live && user.disabled_at.is_none()) else {
        return Ok(Introspection::default());
    };
    Ok(Introspection {
        active: true,
        scope: Some(family.scope.to_string()),
        client_id: Some(asker.client_id.clone()),
        exp: Some(token.expires_at.min(family.expires_at).timestamp()),
        iat: Some(token.created_at.timestamp()),
        sub: Some(subject(app, asker, &user)),
        iss: Some(app.config.server.issuer.clone()),
        ..Introspection::default()
    })
}
