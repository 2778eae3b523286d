//! Ending tokens: by their client (RFC 7009), and telling what is left of one (RFC 7662).

use entity::{client, refresh_token, revoked_token, token_family, user, value::EventKind};
use poem_openapi::Object;
use sea_orm::DbErr;
use serde_json::{Value, json};

use super::verify::{self, ends_at};
use crate::{
    app::App,
    crypto::secret::SecretKind,
    events::{self, About},
};

/// Ends a token of `client`. Anybody else's token, and anything that is no token, is left alone
/// without a word (RFC 7009 §2.2). A refresh token takes its whole family along, and so does an
/// access token of a family no further use: §2.1 asks that at least the token itself ends.
pub async fn revoke(app: &App, client: &client::Model, token: &str) -> Result<(), DbErr> {
    let now = app.clock.now();
    if let Some(digest) = app.secrets.digest(SecretKind::RefreshToken, token) {
        let tx = app.db.begin().await?;
        if let Some((_, family)) = refresh_token::find(&tx, &digest).await?
            && family.client_id == client.id
            && token_family::revoke(&tx, family.id, now).await?
        {
            let about = About::user(family.user_id).and_client(client.id);
            events::record(&tx, EventKind::TokenRevoked, about, now).await?;
        }
        return tx.commit().await;
    }
    if let Some(claims) = verify::read(app, token)
        && claims.client_id == client.client_id
    {
        let tx = app.db.begin().await?;
        revoked_token::add(&tx, &claims.jti, ends_at(&claims), now).await?;
        events::record(&tx, EventKind::TokenRevoked, About::client(client.id), now).await?;
        return tx.commit().await;
    }
    Ok(())
}

/// The answer of the introspection endpoint (RFC 7662 §2.2).
#[derive(Debug, Default, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Introspection {
    /// Whether the token is good now, for the one who asks.
    pub active: bool,
    pub scope: Option<String>,
    pub client_id: Option<String>,
    /// `Bearer`, for an access token.
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
        token_type: Some("Bearer".to_owned()),
        exp: Some(claims.exp),
        iat: Some(claims.iat),
        sub: Some(claims.sub),
        aud: Some(match claims.aud {
            verify::Audience::One(name) => json!(name),
            verify::Audience::Several(names) => json!(names),
        }),
        iss: Some(claims.iss),
        jti: Some(claims.jti),
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
        sub: Some(user.subject),
        iss: Some(app.config.server.issuer.clone()),
        ..Introspection::default()
    })
}
