//! Changing a password. Which one may be chosen is for `choose` to say.

use entity::{
    db, known_device, session, user,
    value::{EventKind, TokenKind},
    verification_token::{self, Whose},
};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::{AccountError, guard, mailed};
use crate::{
    app::App,
    crypto::secret::Minted,
    events,
    sessions::{self, Browser, Proof, SignedIn},
};

pub use super::choose::{choose, of_length};

/// Changes the password of a person who knows the current one. Whoever else was signed in with the
/// old one is not any more: other sessions and all refresh tokens end, and this browser's cookie
/// gets a new value. No other browser is known any more.
pub async fn change(
    app: &App,
    signed_in: &SignedIn,
    (current, new): (&str, &str),
    browser: &Browser,
) -> Result<Minted, AccountError> {
    let user = &signed_in.user;
    let typed = guard::Typed {
        address: Some(&user.email),
        user: Some(user),
        password: current,
    };
    guard::check(app, typed, browser).await?;
    let words = [
        user.email.as_str(),
        user.name.as_deref().unwrap_or_default(),
    ];
    let password = choose(app, new, &words).await?;
    let hash = app.passwords.hash(&password).await?;
    db::unless_conflict(|| replace(app, signed_in, &hash, browser)).await
}

/// Whether somebody who is signed in knows their password. A wrong one counts like one at the sign-in.
pub async fn verify(
    app: &App,
    signed_in: &SignedIn,
    password: &str,
    browser: &Browser,
) -> Result<(), AccountError> {
    let typed = guard::Typed {
        address: Some(&signed_in.user.email),
        user: Some(&signed_in.user),
        password,
    };
    guard::check(app, typed, browser).await.map(drop)
}

async fn replace(
    app: &App,
    signed_in: &SignedIn,
    hash: &str,
    browser: &Browser,
) -> Result<Minted, AccountError> {
    let known = signed_in.user.password_hash.as_deref();
    let own = signed_in.session.id;
    let tx = app.db.begin().await?;
    let held = user::find_held(&tx, signed_in.user.id).await?;
    let now = app.clock.now();
    // While the passwords were being checked and hashed, somebody may have shut the account, ended
    // this session or changed the password: what was typed is no longer current.
    let same =
        |user: &user::Model| user.disabled_at.is_none() && user.password_hash.as_deref() == known;
    let user = held.filter(same).ok_or(AccountError::NotRecognised)?;
    if !session::is_live(&tx, own, now).await? {
        return Err(AccountError::NotRecognised);
    }
    user::replace_password(&tx, user.id, known, hash, now).await?;
    sessions::end_everything(app, &tx, user.id, Some(own)).await?;
    forget_mailed(&tx, user.id).await?;
    known_device::forget_user(&tx, user.id).await?;
    let proven = (user.clone(), Proof::password(now));
    let (minted, _) = sessions::start(app, &tx, proven, Some(signed_in), browser).await?;
    let about = browser.about(Some(user.id));
    events::record(&tx, EventKind::PasswordChanged, about, now).await?;
    let envelope = mailed::envelope(app, &user.email, browser);
    mailed::tell_of_password(app, &tx, &envelope).await?;
    tx.commit().await?;
    app.notices.notify_one();
    Ok(minted)
}

/// Forgets what was mailed for somebody who knew the old password, or none: a link must not undo
/// what was just done.
pub(super) async fn forget_mailed(tx: &impl ConnectionTrait, user_id: Uuid) -> Result<(), DbErr> {
    for kind in [TokenKind::Recover, TokenKind::ChangeEmail] {
        verification_token::forget(tx, kind, Whose::User(user_id)).await?;
    }
    Ok(())
}
