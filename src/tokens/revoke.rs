//! Ending tokens, by the client that holds them (RFC 7009).

use entity::{client, refresh_token, revoked_token, token_family, value::EventKind};
use sea_orm::DbErr;

use super::verify::{self, ends_at};
use crate::{
    app::App,
    crypto::secret::SecretKind,
    events::{self, About},
};

/// Ends a token of `client`. Anybody else's token, and anything that is no token, is left alone
/// without a word (RFC 7009 §2.2). A refresh token takes everything along that came of the same
/// sign-in; an access token ends alone (§2.1).
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
    if let Some(claims) = verify::read(app, token).await
        && claims.client_id == client.client_id
    {
        let tx = app.db.begin().await?;
        revoked_token::add(&tx, &claims.jti, ends_at(&claims), now).await?;
        events::record(&tx, EventKind::TokenRevoked, About::client(client.id), now).await?;
        return tx.commit().await;
    }
    Ok(())
}
