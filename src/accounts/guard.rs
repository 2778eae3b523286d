//! What strangers may do only so often: letters to somebody's mailbox, sign-ups. The same for an
//! address that has an account and one that has none.

use entity::value::TokenKind;
use sea_orm::ActiveEnum;

use super::AccountError;
use crate::{
    app::App,
    limits::{self, Limited},
    sessions::Browser,
};

/// One more account from where this browser is.
pub async fn sign_up(app: &App, browser: &Browser) -> Result<(), AccountError> {
    from_here(app, Limited::SignUpByAddress, browser).await
}

/// One more letter of a kind to a mailbox, whether or not there is an account behind it.
pub async fn letter(
    app: &App,
    (kind, mailbox): (TokenKind, &str),
    browser: &Browser,
) -> Result<(), AccountError> {
    from_here(app, Limited::LetterByAddress, browser).await?;
    let whom = format!("{}/{mailbox}", kind.to_value());
    take(app, Limited::LetterToMailbox, &whom).await
}

/// Counts for the address that this browser asks from; not in development mode, where everybody is
/// one and the same.
async fn from_here(app: &App, limited: Limited, browser: &Browser) -> Result<(), AccountError> {
    if app.config.development {
        return Ok(());
    }
    take(app, limited, &limits::network(browser.ip.as_deref())).await
}

async fn take(app: &App, limited: Limited, whom: &str) -> Result<(), AccountError> {
    let by = (&app.secrets, &app.config.limits);
    limits::take(&app.db.write, by, (limited, whom), app.clock.now())
        .await?
        .map_err(AccountError::TooOften)
}
