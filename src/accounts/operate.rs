//! What an operator does with accounts, from the command line.

use entity::{
    db, known_device, user,
    value::{EventKind, Role, StandardClaims},
    verification_token,
};
use sea_orm::DbErr;

use super::{
    AccountError, email, guard, mailed, name, password,
    register::{self, NewUser},
};
use crate::{
    app::App,
    events::{self, About},
    mail::letters::Envelope,
    sessions,
};

/// A user whom an operator adds.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub email: &'a str,
    pub name: &'a str,
    pub password: Option<&'a str>,
    /// The operator vouches for the address.
    pub email_verified: bool,
    pub role: Role,
    /// What else is known about the person.
    pub claims: Option<&'a StandardClaims>,
    /// The address of a picture of them.
    pub image: Option<&'a str>,
}

/// Adds a user; without a password nobody can sign in as them yet.
pub async fn add(app: &App, wanted: Wanted<'_>) -> Result<user::Model, AccountError> {
    let address = email::canonical(wanted.email)?;
    let hash = match wanted.password {
        Some(typed) => {
            let chosen = password::choose(app, typed, &[&address, wanted.name]).await?;
            Some(app.passwords.hash(&chosen).await?)
        }
        None => None,
    };
    let new = NewUser {
        email: address,
        name: name(wanted.name)?,
        password_hash: hash,
        email_verified: wanted.email_verified.then(|| app.clock.now()),
        role: wanted.role,
        claims: wanted.claims.cloned().unwrap_or_default(),
        image: wanted.image.map(str::to_owned),
    };
    let tx = app.db.begin().await?;
    let user = register::add(app, &tx, new).await?;
    tx.commit().await?;
    Ok(user)
}

/// Finds a user by address or subject.
pub async fn find(app: &App, key: &str) -> Result<Option<user::Model>, AccountError> {
    if let Some(user) = user::by_subject(&app.db.read, key).await? {
        return Ok(Some(user));
    }
    match email::canonical(key) {
        Ok(address) => Ok(user::by_email(&app.db.read, &address).await?),
        Err(_) => Ok(None),
    }
}

/// Disables a user: from now on nothing of theirs is accepted anywhere. Whoever had asked to be removed
/// is not removed any more, and cannot come back by their own word.
pub async fn disable(app: &App, user: &user::Model) -> Result<bool, AccountError> {
    db::unless_conflict(|| disable_once(app, user)).await
}

async fn disable_once(app: &App, user: &user::Model) -> Result<bool, AccountError> {
    let tx = app.db.begin().await?;
    let now = app.clock.now();
    if !user::set_disabled(&tx, user.id, true, now).await? {
        return Ok(false);
    }
    sessions::end_everything(app, &tx, user.id, None).await?;
    verification_token::forget_user(&tx, user.id).await?;
    events::record(&tx, EventKind::UserDisabled, About::user(user.id), now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Enables a disabled user, who then signs in anew; also one who had asked to be removed. Whatever is
/// still there of the time before, nobody has it back.
pub async fn enable(app: &App, user: &user::Model) -> Result<bool, AccountError> {
    db::unless_conflict(|| enable_once(app, user)).await
}

async fn enable_once(app: &App, user: &user::Model) -> Result<bool, AccountError> {
    let tx = app.db.begin().await?;
    let now = app.clock.now();
    if !user::set_disabled(&tx, user.id, false, now).await? {
        return Ok(false);
    }
    sessions::end_everything(app, &tx, user.id, None).await?;
    verification_token::forget_user(&tx, user.id).await?;
    events::record(&tx, EventKind::UserEnabled, About::user(user.id), now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Sets a password that the operator was given; ends everything that the old one had begun, and tells
/// the owner.
pub async fn set_password(app: &App, user: &user::Model, typed: &str) -> Result<(), AccountError> {
    let words = [
        user.email.as_str(),
        user.name.as_deref().unwrap_or_default(),
    ];
    let chosen = password::choose(app, typed, &words).await?;
    let hash = app.passwords.hash(&chosen).await?;
    db::unless_conflict(|| set_hash(app, (user, true), &hash)).await
}

/// The same for somebody who reads no letters.
pub async fn renew_password(
    app: &App,
    user: &user::Model,
    typed: &str,
) -> Result<(), AccountError> {
    let chosen = password::choose(app, typed, &[&user.email]).await?;
    let hash = app.passwords.hash(&chosen).await?;
    db::unless_conflict(|| set_hash(app, (user, false), &hash)).await
}

async fn set_hash(
    app: &App,
    (user, is_told): (&user::Model, bool),
    hash: &str,
) -> Result<(), AccountError> {
    let known = user.password_hash.as_deref();
    let tx = app.db.begin().await?;
    let held = user::find_held(&tx, user.id).await?;
    let now = app.clock.now();
    let user = held.as_ref().unwrap_or(user);
    if !user::replace_password(&tx, user.id, known, hash, now).await? {
        return Err(anyhow::anyhow!("the password changed at the same moment; try again").into());
    }
    if known.is_none() {
        entity::account::add_credentials(&tx, app.new_id(), user.id).await?;
    }
    sessions::end_everything(app, &tx, user.id, None).await?;
    password::forget_mailed(&tx, user.id).await?;
    known_device::forget_user(&tx, user.id).await?;
    guard::clear(app, &tx, user).await?;
    events::record(&tx, EventKind::PasswordChanged, About::user(user.id), now).await?;
    if is_told {
        let envelope = Envelope {
            issuer: &app.config.server.issuer,
            email: &user.email,
            browser: "none, an operator did it".to_owned(),
            place: "the server",
        };
        mailed::tell_of_password(app, &tx, &envelope).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Removes a user with everything that is theirs. The subject is never given to anybody again.
pub async fn remove(app: &App, user: &user::Model) -> Result<bool, AccountError> {
    Ok(db::unless_conflict(|| remove_once(app, user)).await?)
}

async fn remove_once(app: &App, user: &user::Model) -> Result<bool, DbErr> {
    let tx = app.db.begin().await?;
    user::find_held(&tx, user.id).await?;
    // Not left to the foreign keys: the clients of the sessions are told.
    sessions::end_all(app, &tx, user.id, None).await?;
    if !user::remove(&tx, user.id).await? {
        return Ok(false);
    }
    let now = app.clock.now();
    events::record(&tx, EventKind::UserRemoved, About::user(user.id), now).await?;
    tx.commit().await?;
    Ok(true)
}
