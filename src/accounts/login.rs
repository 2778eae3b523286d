//! Signing in with e-mail and password.

use entity::user;

use super::{AccountError, email, guard};
use crate::{
    app::App,
    crypto::{password::Password, secret::Minted},
    sessions::{self, Browser, Proof, SignedIn},
};

/// Signs a person in. Unknown address, no password, wrong password and disabled account get the
/// same answer after the same work, so that nobody learns which it was.
pub async fn sign_in(
    app: &App,
    (typed_email, typed_password): (&str, &str),
    before: Option<&SignedIn>,
    browser: &Browser,
) -> Result<(Minted, SignedIn), AccountError> {
    let address = email::canonical(typed_email).ok();
    guard::room(app, address.as_deref())?;
    let found = match &address {
        Some(address) => user::by_email(&app.db.read, address).await?,
        None => None,
    };
    let typed = guard::Typed {
        address: address.as_deref(),
        user: found.as_ref(),
        password: typed_password,
    };
    guard::may_sign_in(app, found.as_ref()).await?;
    let right = guard::check(app, typed, browser).await?;
    let Some(user) = found else {
        return Err(AccountError::NotRecognised);
    };
    guard::sign_in(app, &user).await?;
    if user.is_leaving(app.clock.now()) {
        return Err(AccountError::Leaving(user.id));
    }
    let user = match right.weak {
        true => renewed(app, user, typed_password).await?,
        false => user,
    };
    let tx = app.db.begin().await?;
    // Between the look-up and now somebody may have disabled the account or changed the password.
    let current = user::find_held(&tx, user.id).await?;
    let unchanged = current
        .is_some_and(|now| now.disabled_at.is_none() && now.password_hash == user.password_hash);
    if !unchanged {
        return Err(AccountError::NotRecognised);
    }
    if app.config.accounts.verified_email_only && user.email_verified.is_none() {
        return Err(AccountError::NotProven(user.id));
    }
    let proven = (user, Proof::password(app.clock.now()));
    let started = sessions::start(app, &tx, proven, before, browser).await?;
    tx.commit().await?;
    Ok(started)
}

/// Gives somebody whose password is right a hash of ours, as we make them now, in place of a weaker one
/// or of one that they brought along. Where another one is there meanwhile, such as that of a sign-in
/// in another tab, that one decides.
async fn renewed(
    app: &App,
    user: user::Model,
    typed_password: &str,
) -> Result<user::Model, AccountError> {
    let made = app.passwords.hash(&Password::proven(typed_password)).await;
    // Where there is no time for it now, there will be another time.
    let Ok(hash) = made else {
        return Ok(user);
    };
    let known = user.password_hash.as_deref();
    let now = app.clock.now();
    if user::replace_password(&app.db.write, user.id, known, &hash, now).await? {
        return Ok(user::Model {
            password_hash: Some(hash),
            updated_at: now,
            ..user
        });
    }
    let current = user::find(&app.db.write, user.id).await?;
    let current = current.ok_or(AccountError::NotRecognised)?;
    let stored = current.password_hash.as_deref();
    match guard::is_still_right(app, typed_password, stored).await? {
        true => Ok(current),
        false => Err(AccountError::NotRecognised),
    }
}
