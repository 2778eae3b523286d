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
    sessions::Browser,
};

/// How long a link works.
const LIFE: TimeDelta = TimeDelta::hours(24);

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
    if user.email_verified.is_some() {
        return Ok(());
    }
    let tx = app.db.begin().await?;
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

/// Uses the link up. Answers the address that it proved.
pub async fn confirm(app: &App, token: &str) -> Result<Option<String>, DbErr> {
    let Some(digest) = app.secrets.digest(SecretKind::VerifyEmail, token) else {
        return Ok(None);
    };
    let now = app.clock.now();
    let tx = app.db.begin().await?;
    let taken = verification_token::consume(&tx, TokenKind::VerifyEmail, &digest, now).await?;
    let Some(token) = taken else { return Ok(None) };
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
    Ok(Some(token.identifier))
}
