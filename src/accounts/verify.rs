//! Proving an e-mail address: a letter, a page that asks, a button that does it.

use chrono::TimeDelta;
use entity::{
    user,
    value::{EventKind, TokenKind},
    verification_token::{self, Whose},
};
use sea_orm::{ConnectionTrait, DbErr};

use super::{
    AccountError,
    mailed::{self, Mailing},
};
use crate::{
    app::App,
    events::{self, About},
    mail::{self, letters::VerifyEmail},
    sessions::{Browser, SignedIn},
};

/// How long a link works.
const LIFE: TimeDelta = TimeDelta::hours(24);

/// A letter that was just sent is on its way; asking again and again does not send more.
const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(1);

/// Writes the letter with a new link; links sent before no longer work.
pub async fn post_letter(
    app: &App,
    tx: &impl ConnectionTrait,
    user: &user::Model,
    browser: &Browser,
) -> Result<(), AccountError> {
    let mailing = Mailing {
        kind: TokenKind::VerifyEmail,
        whose: Whose::User(user.id),
        to: &user.email,
        life: LIFE,
        with_code: false,
        flow: None,
        payload: None,
    };
    let mailed = mailed::mint(app, tx, mailing, browser).await?;
    let letter = VerifyEmail {
        issuer: &app.config.server.issuer,
        name: user.name.as_deref(),
        email: &user.email,
        link: mailed.link,
        expires: mailed.expires.format("%-d %B %Y, %H:%M UTC").to_string(),
        browser: browser.name(),
        place: browser.place(),
    };
    let post = (&app.templates, &app.sealer);
    let times = (app.clock.now(), mailed.expires);
    mail::post(tx, post, &user.email, &letter, times).await?;
    Ok(())
}

/// Sends a new link to a person whose address is not proven yet.
pub async fn send_again(
    app: &App,
    user: &user::Model,
    browser: &Browser,
) -> Result<(), AccountError> {
    let tx = app.db.begin().await?;
    let after = app.clock.now() - AGAIN_AFTER;
    let kind = TokenKind::VerifyEmail;
    let recent = verification_token::sent_since(&tx, kind, user.id, after).await?;
    if user.email_verified.is_some() || recent {
        return Ok(());
    }
    post_letter(app, &tx, user, browser).await?;
    tx.commit().await?;
    Ok(())
}

/// The address that a link would prove, if it still works. Changes nothing: mail scanners open
/// links too.
pub async fn peek(app: &App, token: &str) -> Result<Option<String>, DbErr> {
    let found = mailed::peek(app, TokenKind::VerifyEmail, token).await?;
    Ok(found.map(|token| token.identifier))
}

/// What became of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// This address is proven now.
    Done(String),
    /// The link works, but not here: nobody is signed in to the account that it is about.
    NotYours,
    /// It was used, has expired, or never was one.
    Dead,
}

/// Uses the link up, for the person who is signed in to its account. Reading the letter alone is not
/// enough: whoever made the account may not be whose address it is, and a proven address would lend
/// the maker's password and sessions a name that is not theirs.
pub async fn confirm(
    app: &App,
    token: &str,
    signed_in: Option<&SignedIn>,
) -> Result<Confirmed, DbErr> {
    let now = app.clock.now();
    let tx = app.db.begin().await?;
    let taken = mailed::consume(app, &tx, TokenKind::VerifyEmail, token).await?;
    let Some(token) = taken else {
        return Ok(Confirmed::Dead);
    };
    let Some(own) = signed_in.filter(|own| Some(own.user.id) == token.user_id) else {
        // Not committed: the link still works where it should.
        return Ok(Confirmed::NotYours);
    };
    // The row names the address it was sent to: only that one becomes proven.
    if user::verify_email(&tx, own.user.id, &token.identifier, now).await? {
        let about = About::user(own.user.id);
        events::record(&tx, EventKind::EmailVerified, about, now).await?;
    }
    tx.commit().await?;
    Ok(Confirmed::Done(token.identifier))
}
