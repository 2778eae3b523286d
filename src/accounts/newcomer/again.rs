//! Writing the letter of a sign-up once more, in the browser that signs up.

use entity::{
    value::TokenKind,
    verification_token::{self, Model},
};
use uuid::Uuid;

use super::{Waiting, pending, post_letter, whose};
use crate::{
    accounts::{
        AccountError, email, guard,
        mailed::{AGAIN_AFTER, Onward},
    },
    app::App,
    sessions::Browser,
};

/// Writes another letter with new secrets. False if nothing waits here any more.
pub async fn post_again(
    app: &App,
    (id, email): (Uuid, &str),
    browser: &Browser,
) -> Result<bool, AccountError> {
    match pending(app, (id, email), browser).await? {
        Some(row) => again(app, &row, None, browser).await,
        None => Ok(false),
    }
}

/// The same for whoever knows of it no more than the address.
pub async fn post_again_to(
    app: &App,
    (typed, callback): (&str, Option<&str>),
    browser: &Browser,
) -> Result<(), AccountError> {
    let (email, now) = (email::canonical(typed)?, app.clock.now());
    let asked = whose(&email, browser);
    if let Some(row) =
        verification_token::pending(&app.db.read, TokenKind::SignUp, asked, now).await?
    {
        again(app, &row, callback, browser).await?;
    }
    Ok(())
}

async fn again(
    app: &App,
    row: &Model,
    callback: Option<&str>,
    browser: &Browser,
) -> Result<bool, AccountError> {
    if !app.config.accounts.sign_up {
        return Ok(false);
    }
    let email = row.identifier.as_str();
    let Some(waiting) = Waiting::open(app, row, browser) else {
        return Ok(false);
    };
    if app.clock.now() - row.created_at < AGAIN_AFTER {
        return Ok(true);
    }
    guard::letter(app, (TokenKind::SignUp, email), browser).await?;
    let tx = app.db.begin().await?;
    // Used up meanwhile, in another tab: what it led to is there.
    if verification_token::consume(&tx, TokenKind::SignUp, &row.token, app.clock.now())
        .await?
        .is_none()
    {
        return Ok(false);
    }
    let onward = Onward {
        flow: row.flow.as_deref(),
        callback,
    };
    post_letter(app, &tx, (email, onward), waiting, browser).await?;
    tx.commit().await?;
    Ok(true)
}
