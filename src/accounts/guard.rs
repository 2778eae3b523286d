//! What strangers may do only so often: try passwords, have letters sent to somebody's mailbox, sign
//! up. The same for an address that has an account and one that has none.

mod network;
mod password;

use entity::{user, value::TokenKind};
use uuid::Uuid;

use super::AccountError;
use crate::{
    app::App,
    limits::{self, Limited},
    sessions::Browser,
};

pub(super) use password::{Typed, check, clear, is_still_right, room};

/// One more account from where this browser is.
pub async fn sign_up(app: &App, browser: &Browser) -> Result<(), AccountError> {
    from_here(app, Limited::SignUpByAddress, browser).await
}

/// One more password that a newcomer would like, before anybody estimates it: that is dear, and done
/// for whoever asks. Where so many have signed up that nobody can any more, none is estimated.
pub(super) async fn choice(app: &App, browser: &Browser) -> Result<(), AccountError> {
    if app.config.development {
        return Ok(());
    }
    let network = limits::network(browser.ip.as_deref());
    let by = (&app.secrets, &app.config.limits);
    let all = [(Limited::SignUpByAddress, network.as_str())];
    limits::look(&app.db.read, by, &all, app.clock.now())
        .await?
        .map_err(AccountError::TooOften)?;
    take(app, Limited::ChoiceByAddress, &network).await
}

/// The same for one who has an account.
pub(super) async fn choice_of(app: &App, user_id: Uuid) -> Result<(), AccountError> {
    take(app, Limited::ChoiceByAccount, &user_id.to_string()).await
}

/// One more letter of a kind to a mailbox, whether or not there is an account behind it.
pub async fn letter(
    app: &App,
    (kind, mailbox): (TokenKind, &str),
    browser: &Browser,
) -> Result<(), AccountError> {
    letters_from(app, browser).await?;
    let whom = format!("{}/{mailbox}", kind.name());
    match kind {
        TokenKind::SignUp | TokenKind::VerifyEmail => {
            let network = limits::network(browser.ip.as_deref());
            let from_here = format!("{whom}|{network}");
            take(app, Limited::LetterToMailboxFromAddress, &from_here).await?;
            take(app, Limited::LetterToMailboxFromAll, &whom).await
        }
        _ => take(app, Limited::LetterToMailbox, &whom).await,
    }
}

/// The half of it that is about who asks.
pub(super) async fn letters_from(app: &App, browser: &Browser) -> Result<(), AccountError> {
    from_here(app, Limited::LetterByAddress, browser).await
}

/// The same for a letter to somebody who has signed in in this browser: whoever uses up what may be
/// asked for from here does not keep them from it. For nobody the same is looked up in vain.
pub(super) async fn letters_for(
    app: &App,
    address: &str,
    browser: &Browser,
) -> Result<(), AccountError> {
    let user = user::by_email(&app.db.read, address).await?;
    match password::is_known(app, user.as_ref(), browser).await? {
        Some(_) => Ok(()),
        None => letters_from(app, browser).await,
    }
}

/// Whether somebody may sign in once more, before their password is looked at; the same is looked up
/// for nobody.
pub(super) async fn may_sign_in(app: &App, user: Option<&user::Model>) -> Result<(), AccountError> {
    let whom = signing_in(user);
    let all = [(Limited::SignInByAccount, whom.as_str())];
    let by = (&app.secrets, &app.config.limits);
    limits::look(&app.db.read, by, &all, app.clock.now())
        .await?
        .map_err(AccountError::TooOften)
}

/// One more time that somebody's password was right.
pub(super) async fn sign_in(app: &App, user: &user::Model) -> Result<(), AccountError> {
    take(app, Limited::SignInByAccount, &signing_in(Some(user))).await
}

/// With the hash, so that whoever used it up with a password that was stolen keeps nobody from
/// signing in with a new one.
fn signing_in(user: Option<&user::Model>) -> String {
    let id = user.map_or(Uuid::nil(), |user| user.id);
    let hash = user.and_then(|user| user.password_hash.as_deref());
    format!("{id}|{}", hash.unwrap_or_default())
}

/// The half of it that is about who reads, for a door that says nothing of the kind: whether one more
/// may be sent. Counted in any case, so that the time does not tell either.
pub(super) async fn may_send(
    app: &App,
    (kind, mailbox): (TokenKind, &str),
) -> Result<bool, AccountError> {
    let whom = format!("{}/{mailbox}", kind.name());
    let limited = (Limited::LetterToMailbox, whom.as_str());
    let by = (&app.secrets, &app.config.limits);
    let counted = limits::count(&app.db.write, by, limited, app.clock.now()).await?;
    Ok(counted.is_le())
}

/// One more link that does not work, sent back from where this browser is.
pub(super) async fn dead_link(app: &App, browser: &Browser) -> Result<(), AccountError> {
    from_here(app, Limited::DeadLinkByAddress, browser).await
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
    limits::take(&app.db, by, (limited, whom), app.clock.now())
        .await?
        .map_err(AccountError::TooOften)
}
