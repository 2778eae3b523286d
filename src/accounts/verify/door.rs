//! At the door: people whose password was right and who are let in once the address is proven, in the
//! browser in which they typed it.

use chrono::{DateTime, Utc};
use entity::{
    user,
    value::Sealed,
    verification_token::{self, Model},
};
use sea_orm::DbErr;
use uuid::Uuid;

use super::{KIND, write};
use crate::{
    accounts::{AccountError, guard, mailed::Onward},
    app::App,
    crypto::seal::Purpose,
    sessions::Browser,
};

/// Somebody whose password was right, and who is let in once the address is proven.
#[derive(Clone, Copy, Debug)]
pub struct AtTheDoor {
    pub user_id: Uuid,
    /// When the password was right.
    pub at: DateTime<Utc>,
}

/// Sends a letter to somebody whose password was just right and whose address has to be proven before
/// they are let in. Where that was done too often, the one before will do.
pub async fn stop_at_the_door(
    app: &App,
    user_id: Uuid,
    onward: Onward<'_>,
    browser: &Browser,
) -> Result<AtTheDoor, AccountError> {
    let now = app.clock.now();
    let stopped = AtTheDoor { user_id, at: now };
    let Some(user) = user::find(&app.db.read, user_id).await? else {
        return Ok(stopped);
    };
    let payload = app.sealer.seal(
        Purpose::SignUp,
        &place(user_id, browser),
        now.to_rfc3339().as_bytes(),
    );
    let payload = Some(payload.0);
    match guard::letter(app, (KIND, &user.email), browser).await {
        Ok(()) => {
            let tx = app.db.begin().await?;
            user::find_held(&tx, user.id).await?;
            write(app, &tx, &user, (onward, payload), browser).await?;
            tx.commit().await?;
        }
        Err(AccountError::TooOften(_)) => {
            let begun = (browser.device.as_deref(), onward.flow, payload);
            verification_token::bind_anew(&app.db.write, (KIND, user_id), begun).await?;
        }
        Err(error) => return Err(error),
    }
    Ok(stopped)
}

/// Who stands at the door, while they have to: not once the address is proven or nobody would be let
/// in by the password that was right.
pub async fn at_the_door(app: &App, stopped: AtTheDoor) -> Result<Option<user::Model>, DbErr> {
    let found = user::find(&app.db.read, stopped.user_id).await?;
    Ok(found.filter(|user| user.email_verified.is_none() && may_enter(user, stopped.at)))
}

/// Whether who typed the right password at `at` may enter: nothing of the account was changed since,
/// the password least of all.
pub(super) fn may_enter(user: &user::Model, at: DateTime<Utc>) -> bool {
    user.disabled_at.is_none() && user.updated_at <= at
}

/// Who was stopped in this browser when the letter was written.
pub(super) fn stopped_here(app: &App, row: &Model, browser: &Browser) -> Option<AtTheDoor> {
    if row.visitor != browser.device {
        return None;
    }
    let user_id = row.user_id?;
    let sealed = Sealed(row.payload.clone()?);
    let place = place(user_id, browser);
    let plain = app.sealer.open(Purpose::SignUp, &place, &sealed).ok()?;
    let at = DateTime::parse_from_rfc3339(std::str::from_utf8(&plain).ok()?).ok()?;
    Some(AtTheDoor {
        user_id,
        at: at.to_utc(),
    })
}

/// What the sealed time of somebody at the door is bound to.
fn place(user_id: Uuid, browser: &Browser) -> String {
    let visitor = browser.device.as_deref().unwrap_or_default();
    format!("verification_token|payload|{visitor}|{user_id}")
}
