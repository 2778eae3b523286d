//! What an operator does with accounts, from the command line.

use entity::{
    authorization_code, device_code, token_family, user,
    value::{EventKind, Role, StandardClaims},
};

use super::{
    AccountError, email, name, password,
    register::{self, NewUser},
};
use crate::{
    app::App,
    events::{self, About},
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

/// Disables a user: from now on nothing of theirs is accepted anywhere.
pub async fn disable(app: &App, user: &user::Model) -> Result<bool, AccountError> {
    let now = app.clock.now();
    let tx = app.db.begin().await?;
    if !user::set_disabled(&tx, user.id, true, now).await? {
        return Ok(false);
    }
    end_everything(app, &tx, user).await?;
    events::record(&tx, EventKind::UserDisabled, About::user(user.id), now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Enables a disabled user, who then signs in anew.
pub async fn enable(app: &App, user: &user::Model) -> Result<bool, AccountError> {
    let now = app.clock.now();
    let tx = app.db.begin().await?;
    if !user::set_disabled(&tx, user.id, false, now).await? {
        return Ok(false);
    }
    events::record(&tx, EventKind::UserEnabled, About::user(user.id), now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Sets a password that the operator was given; ends everything that the old one had begun.
pub async fn set_password(app: &App, user: &user::Model, typed: &str) -> Result<(), AccountError> {
    let words = [
        user.email.as_str(),
        user.name.as_deref().unwrap_or_default(),
    ];
    let chosen = password::choose(app, typed, &words).await?;
    let hash = app.passwords.hash(&chosen).await?;
    let now = app.clock.now();
    let tx = app.db.begin().await?;
    let known = user.password_hash.as_deref();
    if !user::replace_password(&tx, user.id, known, &hash, now).await? {
        return Err(anyhow::anyhow!("the password changed at the same moment; try again").into());
    }
    if known.is_none() {
        entity::account::add_credentials(&tx, app.new_id(), user.id).await?;
    }
    end_everything(app, &tx, user).await?;
    events::record(&tx, EventKind::PasswordChanged, About::user(user.id), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Removes a user with everything that is theirs. The subject is never given to anybody again.
pub async fn remove(app: &App, user: &user::Model) -> Result<bool, AccountError> {
    let tx = app.db.begin().await?;
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

async fn end_everything(
    app: &App,
    tx: &impl sea_orm::ConnectionTrait,
    user: &user::Model,
) -> Result<(), AccountError> {
    sessions::end_all(app, tx, user.id, None).await?;
    token_family::revoke_user(tx, user.id, app.clock.now()).await?;
    authorization_code::forget_user(tx, user.id).await?;
    device_code::forget_user(tx, user.id).await?;
    Ok(())
}
