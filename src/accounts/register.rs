//! Creating an account, from the sign-up page or by an operator.

use chrono::{DateTime, Utc};
use entity::{
    account, user,
    value::{EventKind, Role, StandardClaims, TokenKind},
};
use sea_orm::{ConnectionTrait, Set};
use uuid::Uuid;

use super::{AccountError, email, guard, name, password, profile, verify};
use crate::{
    app::App,
    crypto::secret::Minted,
    events::{self, About},
    sessions::{self, Browser, Proof, SignedIn},
};

/// What a person typed on the sign-up page.
#[derive(Clone, Copy, Debug, Default)]
pub struct Typed<'a> {
    pub email: &'a str,
    pub password: &'a str,
    pub name: &'a str,
    /// Where there is a picture of them.
    pub image: Option<&'a str>,
    /// A page of a front end to which the letter leads on; known to be trusted.
    pub callback: Option<&'a str>,
}

/// The same, checked, and the password hashed.
#[derive(Debug)]
pub(super) struct Chosen {
    /// Canonical.
    pub email: String,
    pub name: Option<String>,
    pub image: Option<String>,
    pub password_hash: String,
}

/// Creates the account, signs the browser in and writes the letter that asks to confirm the
/// address: all of it, or nothing. Says whether the address is taken, because whoever is signed in
/// at once knows it anyway; where nobody may learn it, see [`super::newcomer`].
pub async fn register(
    app: &App,
    typed: Typed<'_>,
    before: Option<&SignedIn>,
    browser: &Browser,
) -> Result<(Minted, SignedIn), AccountError> {
    let chosen = choose(app, typed, browser).await?;
    let new = NewUser {
        email: chosen.email,
        name: chosen.name,
        password_hash: Some(chosen.password_hash),
        email_verified: None,
        role: Role::User,
        claims: StandardClaims::default(),
        image: chosen.image,
    };
    // Also where the address is taken: every account that is made anew for a mailbox, once it is free
    // again, has a letter written to it.
    guard::letter(app, (TokenKind::VerifyEmail, &new.email), browser).await?;
    let tx = app.db.begin().await?;
    let user = add(app, &tx, new).await?;
    verify::post_letter(app, &tx, (&user, typed.callback), browser).await?;
    let proven = (user, Proof::password(app.clock.now()));
    let started = sessions::start(app, &tx, proven, before, browser).await?;
    tx.commit().await?;
    Ok(started)
}

/// Checks what was typed and hashes the password, unless too many signed up from there. Does not look
/// whether there is somebody with the address.
pub(super) async fn choose(
    app: &App,
    typed: Typed<'_>,
    browser: &Browser,
) -> Result<Chosen, AccountError> {
    if !app.config.accounts.sign_up {
        return Err(AccountError::SignUpClosed);
    }
    let email = email::canonical(typed.email)?;
    let name = name(typed.name)?;
    let image = profile::picture(app, typed.image.unwrap_or_default())?;
    password::of_length(typed.password)?;
    guard::choice(app, browser).await?;
    let password = password::choose(app, typed.password, &[&email, typed.name]).await?;
    // Who has to choose a better password has not signed up yet.
    guard::sign_up(app, browser).await?;
    let password_hash = app.passwords.hash(&password).await?;
    Ok(Chosen {
        email,
        name,
        image,
        password_hash,
    })
}

/// A user about to be added; everything in it was checked.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Canonical.
    pub email: String,
    pub name: Option<String>,
    pub password_hash: Option<String>,
    pub email_verified: Option<DateTime<Utc>>,
    pub role: Role,
    pub claims: StandardClaims,
    pub image: Option<String>,
}

/// Adds the user and, where there is a password, the account row that says so.
pub async fn add(
    app: &App,
    tx: &impl ConnectionTrait,
    new: NewUser,
) -> Result<user::Model, AccountError> {
    add_as(app, tx, app.new_id(), new).await
}

/// The same, with an id that was told before.
pub(super) async fn add_as(
    app: &App,
    tx: &impl ConnectionTrait,
    id: Uuid,
    new: NewUser,
) -> Result<user::Model, AccountError> {
    let now = app.clock.now();
    let has_password = new.password_hash.is_some();
    let row = user::ActiveModel {
        id: Set(id),
        subject: Set(id.to_string()),
        email: Set(new.email),
        email_verified: Set(new.email_verified),
        name: Set(new.name),
        password_hash: Set(new.password_hash),
        image: Set(new.image),
        profile: Set(new.claims),
        role: Set(new.role),
        disabled_at: Set(None),
        deletes_at: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let user = user::add(tx, row).await.map_err(|error| match error {
        user::AddError::Taken => AccountError::EmailTaken,
        user::AddError::Db(error) => error.into(),
    })?;
    if has_password {
        account::add_credentials(tx, app.new_id(), id).await?;
    }
    events::record(tx, EventKind::UserRegistered, About::user(id), now).await?;
    Ok(user)
}
