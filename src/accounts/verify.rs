//! Proving the address of an account: a letter with a link and a code, and what either does. Reading
//! the letter alone is not enough: whoever made the account may not be whose address it is, and a
//! proven address would lend the maker's password and sessions a name that is not theirs. So both work
//! only for the owner: who is signed in, or has just typed the password in this browser.

mod asked;
mod door;

use chrono::TimeDelta;
use entity::{
    user,
    value::{EventKind, TokenKind},
    verification_token::{self, Model, Whose},
};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

pub use asked::ask;
pub use door::{AtTheDoor, at_the_door, stop_at_the_door};

use super::{
    AccountError, guard,
    mailed::{self, AGAIN_AFTER, Coded, Mailing, Onward, words},
};
use crate::{
    app::App,
    crypto::secret::Minted,
    events,
    limits::TooOften,
    mail::letters::Message,
    sessions::{self, Browser, Proof, SignedIn},
};

const KIND: TokenKind = TokenKind::VerifyEmail;

/// How long the secrets of a letter work.
const LIFE: TimeDelta = TimeDelta::hours(24);

/// Who asks that an address becomes proven.
#[derive(Clone, Copy, Debug)]
pub enum Owner<'a> {
    SignedIn(&'a SignedIn),
    /// With whoever is signed in there meanwhile.
    AtTheDoor(AtTheDoor, Option<&'a SignedIn>),
    Stranger,
}

/// What became of a link or a code.
#[derive(Debug)]
pub enum Confirmed {
    /// This address is proven now.
    Done(String),
    /// It is proven, and its owner let in; with the flow to go on with.
    Welcome(Box<Minted>, Option<String>),
    Wrong,
    /// The link works, but not here: nobody is signed in to the account that it is about.
    NotYours,
    /// It was used, has expired, or never was one.
    Dead,
    TooOften(TooOften),
}

/// Writes the letter with a new link and a new code; those sent before no longer work.
pub async fn post_letter(
    app: &App,
    tx: &impl ConnectionTrait,
    (user, callback): (&user::Model, Option<&str>),
    browser: &Browser,
) -> Result<(), AccountError> {
    let onward = Onward {
        flow: None,
        callback,
    };
    write(app, tx, user, (onward, None), browser).await
}

async fn write(
    app: &App,
    tx: &impl ConnectionTrait,
    user: &user::Model,
    (onward, payload): (Onward<'_>, Option<Vec<u8>>),
    browser: &Browser,
) -> Result<(), AccountError> {
    let mailing = Mailing {
        kind: KIND,
        whose: Whose::User(user.id),
        to: &user.email,
        life: LIFE,
        with_code: true,
        flow: onward.flow,
        payload,
    };
    let mailed = mailed::mint(app, tx, mailing, browser).await?;
    let expires = mailed.expires;
    let message = Message::VerifyEmail {
        link: mailed.proving_link(app, onward.callback),
        code: mailed.code.unwrap_or_default(),
        expires: words(expires),
    };
    let envelope = mailed::envelope(app, &user.email, browser);
    mailed::post(app, tx, (&envelope, &message), expires).await?;
    Ok(())
}

/// Sends a new letter to a person whose address is not proven yet. What was begun with the one before
/// goes on with it.
pub async fn send_again(
    app: &App,
    (user, callback): (&user::Model, Option<&str>),
    browser: &Browser,
) -> Result<(), AccountError> {
    if user.email_verified.is_some() {
        return Ok(());
    }
    let now = app.clock.now();
    let before = pending(app, user.id).await?;
    if before
        .as_ref()
        .is_some_and(|row| now - row.created_at < AGAIN_AFTER)
    {
        return Ok(());
    }
    guard::letter(app, (KIND, &user.email), browser).await?;
    let begun = before.filter(|row| row.visitor == browser.device);
    let begun = begun.map_or((None, None), |row| (row.flow, row.payload));
    let tx = app.db.begin().await?;
    user::find_held(&tx, user.id).await?;
    let onward = Onward {
        flow: begun.0.as_deref(),
        callback,
    };
    write(app, &tx, user, (onward, begun.1), browser).await?;
    tx.commit().await?;
    Ok(())
}

/// What was mailed to a user and still works.
pub async fn pending(app: &App, user_id: Uuid) -> Result<Option<Model>, DbErr> {
    let now = app.clock.now();
    verification_token::pending(&app.db.read, KIND, Whose::User(user_id), now).await
}

/// What a link would prove, if it still works. Changes nothing: mail scanners open links too.
pub async fn peek(app: &App, token: &str) -> Result<Option<Model>, DbErr> {
    mailed::peek(app, KIND, token).await
}

/// Uses a link up, for its owner.
pub async fn confirm(
    app: &App,
    token: &str,
    signed_in: Option<&SignedIn>,
    browser: &Browser,
) -> Result<Confirmed, AccountError> {
    let Some(row) = peek(app, token).await? else {
        return Ok(Confirmed::Dead);
    };
    let own = signed_in.filter(|own| Some(own.user.id) == row.user_id);
    let owner = match (own, door::stopped_here(app, &row, browser)) {
        (Some(own), _) => Owner::SignedIn(own),
        (None, Some(stopped)) => Owner::AtTheDoor(stopped, signed_in),
        (None, None) => Owner::Stranger,
    };
    prove(app, &row, owner, browser).await
}

/// Uses a letter up by its code.
pub async fn confirm_code(
    app: &App,
    typed: &str,
    owner: Owner<'_>,
    browser: &Browser,
) -> Result<Confirmed, AccountError> {
    let user_id = match owner {
        Owner::SignedIn(own) => own.user.id,
        Owner::AtTheDoor(stopped, _) => stopped.user_id,
        Owner::Stranger => return Ok(Confirmed::NotYours),
    };
    let asked = (KIND, Whose::User(user_id));
    match mailed::check_code(app, asked, typed, browser).await? {
        Coded::Right(row) => prove(app, &row, owner, browser).await,
        Coded::Wrong => Ok(Confirmed::Wrong),
        Coded::Dead => Ok(Confirmed::Dead),
        Coded::TooOften(often) => Ok(Confirmed::TooOften(often)),
    }
}

/// Proves what a token is about, and uses it up. What does not end well is not committed, and leaves
/// the token as it was: it still works where it should.
async fn prove(
    app: &App,
    found: &Model,
    owner: Owner<'_>,
    browser: &Browser,
) -> Result<Confirmed, AccountError> {
    let now = app.clock.now();
    let (user_id, entering) = match owner {
        Owner::SignedIn(own) => (own.user.id, None),
        Owner::AtTheDoor(stopped, before) => (stopped.user_id, Some((stopped.at, before))),
        Owner::Stranger => return Ok(Confirmed::NotYours),
    };
    let tx = app.db.begin().await?;
    // Held first, in one order for all who change an account.
    let Some(user) = user::find_held(&tx, user_id).await? else {
        return Ok(Confirmed::Dead);
    };
    if entering.is_some_and(|(at, _)| !door::may_enter(&user, at)) {
        return Ok(Confirmed::Dead);
    }
    let taken = verification_token::consume(&tx, KIND, &found.token, now).await?;
    let Some(row) = taken.filter(|row| row.user_id == Some(user_id)) else {
        return Ok(Confirmed::Dead);
    };
    // The row names the address it was sent to: only that one becomes proven.
    if user::verify_email(&tx, user_id, &row.identifier, now).await? {
        let about = browser.about(Some(user_id));
        events::record(&tx, EventKind::EmailVerified, about, now).await?;
        // What was begun while nobody had proven anything must not change what is proven.
        let whose = Whose::User(user_id);
        verification_token::forget(&tx, TokenKind::ChangeEmail, whose).await?;
    }
    let is_proven =
        |user: &user::Model| user.email_verified.is_some() && user.email == row.identifier;
    let Some(user) = user::find(&tx, user_id).await?.filter(is_proven) else {
        return Ok(Confirmed::Dead);
    };
    let Some((at, before)) = entering else {
        tx.commit().await?;
        return Ok(Confirmed::Done(row.identifier));
    };
    let proven = (user, Proof::password(at));
    let (session, _) = sessions::start(app, &tx, proven, before, browser).await?;
    tx.commit().await?;
    Ok(Confirmed::Welcome(Box::new(session), row.flow))
}
