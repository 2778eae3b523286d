//! What a person says about themselves, and which applications may know it.

mod said;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    authorization_code, client, consent, device_code, refresh_token, token_family, user,
    value::EventKind,
};
use sea_orm::DbErr;
use uuid::Uuid;

pub use said::{Said, Unfit};

use super::AccountError;
use crate::{
    app::App,
    events::{self, About},
    sessions::SignedIn,
};

/// Takes what a person typed, pairs of a claim and its value; see [`Said::after`]. All of it is kept,
/// or nothing and everything that is wrong is told.
pub async fn state<'a>(
    app: &App,
    signed_in: &SignedIn,
    typed: &[(&'a str, &str)],
) -> Result<Result<(), Vec<(&'a str, Unfit)>>, DbErr> {
    let (user_id, now) = (signed_in.user.id, app.clock.now());
    let tx = app.db.begin().await?;
    // Held, so that two forms that are sent at once do not undo each other's claims.
    let Some(user) = user::find_held(&tx, user_id).await? else {
        return Ok(Ok(()));
    };
    let before = Said::by(&user);
    let after = match before.after(typed, now.date_naive()) {
        Ok(after) => after,
        Err(unfit) => return Ok(Err(unfit)),
    };
    if after == before {
        return Ok(Ok(()));
    }
    user::state(&tx, user_id, (after.name, after.picture, after.claims), now).await?;
    let about = About::by(signed_in);
    events::record(&tx, EventKind::ProfileChanged, about, now).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// A picture as it may be kept; none if nothing is said.
pub(super) fn picture(app: &App, typed: &str) -> Result<Option<String>, AccountError> {
    let said = Said::default().after(&[("picture", typed)], app.clock.now().date_naive());
    match said {
        Ok(said) => Ok(said.picture),
        Err(_) => Err(AccountError::BadPicture),
    }
}

/// The applications that the person allowed, oldest first.
pub async fn apps(
    app: &App,
    user_id: Uuid,
) -> Result<Vec<(consent::Model, client::Model)>, AccountError> {
    Ok(consent::of_user(&app.db.read, user_id).await?)
}

/// An application that the person allowed, and when it was last given a refresh token: the newest
/// trace that it leaves here.
#[derive(Debug)]
pub struct AllowedApp {
    pub consent: consent::Model,
    pub client: client::Model,
    pub last_used: Option<DateTime<Utc>>,
}

/// The same with the time of their last use.
pub async fn used_apps(app: &App, user_id: Uuid) -> Result<Vec<AllowedApp>, AccountError> {
    let used = refresh_token::last_of_user(&app.db.read, user_id).await?;
    let used: HashMap<_, _> = used.into_iter().collect();
    let allowed = apps(app, user_id).await?;
    let one = |(consent, client): (consent::Model, client::Model)| AllowedApp {
        last_used: used.get(&client.id).copied(),
        consent,
        client,
    };
    Ok(allowed.into_iter().map(one).collect())
}

/// Takes an application's access away: consent, codes and tokens, in one step.
pub async fn revoke_app(
    app: &App,
    signed_in: &SignedIn,
    client_id: Uuid,
) -> Result<bool, AccountError> {
    let user_id = signed_in.user.id;
    let now = app.clock.now();
    let tx = app.db.begin().await?;
    if !consent::revoke_for(&tx, user_id, client_id).await? {
        return Ok(false);
    }
    authorization_code::forget(&tx, user_id, client_id).await?;
    device_code::forget(&tx, user_id, client_id).await?;
    token_family::revoke_grant(&tx, user_id, client_id, now).await?;
    let about = About::by(signed_in).and_client(client_id);
    events::record(&tx, EventKind::ConsentRevoked, about, now).await?;
    tx.commit().await?;
    Ok(true)
}
