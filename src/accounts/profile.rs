//! What a person says about themselves, and which applications may know it.

use entity::{
    authorization_code, client, consent, device_code, token_family, user, value::EventKind,
};
use uuid::Uuid;

use super::{AccountError, name};
use crate::{
    app::App,
    events::{self, About},
    sessions::SignedIn,
};

/// Sets or clears the name.
pub async fn rename(app: &App, signed_in: &SignedIn, typed: &str) -> Result<(), AccountError> {
    let name = name(typed)?;
    user::rename(&app.db.write, signed_in.user.id, name, app.clock.now()).await?;
    Ok(())
}

/// The applications that the person allowed, oldest first.
pub async fn apps(
    app: &App,
    user_id: Uuid,
) -> Result<Vec<(consent::Model, client::Model)>, AccountError> {
    Ok(consent::of_user(&app.db.read, user_id).await?)
}

/// Takes an application's access away: consent, codes and tokens, in one step.
pub async fn revoke_app(app: &App, user_id: Uuid, client_id: Uuid) -> Result<bool, AccountError> {
    let now = app.clock.now();
    let tx = app.db.begin().await?;
    if !consent::revoke_for(&tx, user_id, client_id).await? {
        return Ok(false);
    }
    authorization_code::forget(&tx, user_id, client_id).await?;
    device_code::forget(&tx, user_id, client_id).await?;
    token_family::revoke_grant(&tx, user_id, client_id, now).await?;
    let about = About::user(user_id).and_client(client_id);
    events::record(&tx, EventKind::ConsentRevoked, about, now).await?;
    tx.commit().await?;
    Ok(true)
}
