//! Signing in with e-mail and password.

use entity::{user, value::EventKind};

use super::{AccountError, email};
use crate::{
    app::App,
    crypto::{
        password::{Password, Verdict},
        secret::Minted,
    },
    events,
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
    let found = match email::canonical(typed_email) {
        Ok(address) => user::by_email(&app.db.read, &address).await?,
        Err(_) => None,
    };
    let known = found
        .as_ref()
        .and_then(|user| user.password_hash.as_deref());
    let verdict = app.passwords.verify(typed_password, known).await?;
    let (Verdict::Right | Verdict::RightButWeak, Some(user)) = (
        verdict,
        found.clone().filter(|user| user.disabled_at.is_none()),
    ) else {
        // For somebody and for nobody alike, or the time would tell which it was.
        let about = browser.about(found.map(|user| user.id));
        let now = app.clock.now();
        events::record(&app.db.write, EventKind::SignInFailed, about, now).await?;
        return Err(AccountError::NotRecognised);
    };
    let stronger = match verdict {
        Verdict::RightButWeak => match Password::new(typed_password) {
            Ok(password) => Some(app.passwords.hash(&password).await?),
            Err(_) => None,
        },
        _ => None,
    };
    let tx = app.db.begin().await?;
    // Between the look-up and now somebody may have disabled the account or changed the password.
    let current = user::find_held(&tx, user.id).await?;
    let unchanged = current
        .is_some_and(|now| now.disabled_at.is_none() && now.password_hash == user.password_hash);
    if !unchanged {
        return Err(AccountError::NotRecognised);
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
