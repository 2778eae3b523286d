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
    let stronger = match Password::new(typed_password).ok().filter(|_| right.weak) {
        // Where there is no time for it now, there will be another time.
        Some(password) => app.passwords.hash(&password).await.ok(),
        None => None,
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
    if let Some(hash) = stronger {
        let known = user.password_hash.as_deref();
        user::replace_password(&tx, user.id, known, &hash, app.clock.now()).await?;
    }
    let proven = (user, Proof::password(app.clock.now()));
    let started = sessions::start(app, &tx, proven, before, browser).await?;
    tx.commit().await?;
    Ok(started)
}
