//! Creating an account, from the sign-up page or by an operator.

use chrono::{DateTime, Utc};
use entity::{
    account, user,
    value::{EventKind, Role, StandardClaims},
};
use sea_orm::{ConnectionTrait, Set};

use super::{AccountError, email, name, password, verify};
use crate::{
    app::App,
    crypto::secret::Minted,
    events::{self, About},
    sessions::{self, Browser, Proof, SignedIn},
};

/// What a person typed on the sign-up page.
#[derive(Clone, Copy, Debug)]
pub struct Typed<'a> {
    pub email: &'a str,
    pub password: &'a str,
    pub name: &'a str,
}

/// Creates the account, signs the browser in and writes the letter that asks to confirm the
/// address: all of it, or nothing.
pub async fn register(
    app: &App,
    typed: Typed<'_>,
    before: Option<&SignedIn>,
    browser: &Browser,
) -> Result<(Minted, SignedIn), AccountError> {
    let new = NewUser {
        email: email::canonical(typed.email)?,
        name: name(typed.name)?,
        password_hash: None,
        email_verified: None,
        role: Role::User,
        claims: StandardClaims::default(),
        image: None,
    };
    let chosen = password::choose(app, typed.password, &[&new.email, typed.name]).await?;
    let hash = app.passwords.hash(&chosen).await?;
    let tx = app.db.begin().await?;
    let user = add(
        app,
        &tx,
        NewUser {
            password_hash: Some(hash),
            ..new
        },
    )
    .await?;
    verify::post_letter(app, &tx, &user, browser).await?;
    let proven = (user, Proof::password(app.clock.now()));
    let started = sessions::start(app, &tx, proven, before, browser).await?;
    tx.commit().await?;
    Ok(started)
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
    let now = app.clock.now();
    let id = app.new_id();
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
