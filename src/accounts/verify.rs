//! Proving an e-mail address: a letter, a page that asks, a button that does it.

use chrono::TimeDelta;
use entity::{
    user,
    value::{EventKind, TokenKind},
    verification_token,
};
use sea_orm::{ConnectionTrait, DbErr};

use super::AccountError;
use crate::{
    app::App,
    crypto::secret::SecretKind,
    events::{self, About},
    mail::{self, letters::VerifyEmail},
    paths,
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
    let now = app.clock.now();
    let expires = now + LIFE;
    let minted = app.secrets.mint(SecretKind::VerifyEmail);
    let letter = VerifyEmail {
        issuer: &app.config.server.issuer,
        name: user.name.as_deref(),
        email: &user.email,
        link: format!("{}?token={}", app.url(paths::VERIFY_EMAIL), minted.expose()),
        expires: expires.format("%-d %B %Y, %H:%M UTC").to_string(),
        browser: browser
            .user_agent
            .as_deref()
            .unwrap_or("an unknown browser"),
        place: browser.ip.as_deref().unwrap_or("an unknown address"),
    };
    let kind = TokenKind::VerifyEmail;
    let life = (now, expires);
    verification_token::replace(tx, kind, user.id, &user.email, minted.digest, life).await?;
    let post = (&app.templates, &app.sealer);
    mail::post(tx, post, &user.email, &letter, (now, expires)).await?;
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
    let Some(digest) = app.secrets.digest(SecretKind::VerifyEmail, token) else {
        return Ok(None);
    };
    let kind = TokenKind::VerifyEmail;
    let found = verification_token::peek(&app.db.read, kind, &digest, app.clock.now()).await?;
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
    let Some(digest) = app.secrets.digest(SecretKind::VerifyEmail, token) else {
        return Ok(Confirmed::Dead);
    };
    let now = app.clock.now();
    let tx = app.db.begin().await?;
    let taken = verification_token::consume(&tx, TokenKind::VerifyEmail, &digest, now).await?;
    let Some(token) = taken else {
        return Ok(Confirmed::Dead);
    };
    if signed_in.is_none_or(|own| own.user.id != token.user_id) {
        // Not committed: the link still works where it should.
        return Ok(Confirmed::NotYours);
    }
    // The row names the address it was sent to: only that one becomes proven.
    if user::verify_email(&tx, token.user_id, &token.identifier, now).await? {
        events::record(
            &tx,
            EventKind::EmailVerified,
            About::user(token.user_id),
            now,
        )
        .await?;
    }
    tx.commit().await?;
    Ok(Confirmed::Done(token.identifier))
}
