//! Leaving: the account is shut at once and removed some days later. Until then its owner can come
//! back, by the letter or with the password.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    db, session,
    user::{self, leaving},
    value::{EventKind, TokenKind},
    verification_token::{self, Whose},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use uuid::Uuid;

use super::{
    AccountError,
    mailed::{self, Mailing, words},
};
use crate::{
    app::App,
    events::{self, About},
    mail::letters::Message,
    sessions::{self, Browser, SignedIn},
};

const KIND: TokenKind = TokenKind::KeepAccount;

/// How many are looked for at once.
const BATCH: u64 = 100;

/// What becomes of an account whose owner leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// It is shut, and removed at this time.
    At(DateTime<Utc>),
    /// It is removed.
    Now,
}

/// Where an account stands that somebody would keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is removed at this time, unless its owner says otherwise.
    Leaving { email: String, at: DateTime<Utc> },
    /// It stays.
    Kept,
    /// It is removed, or shut for another reason.
    Gone,
}

/// Shuts the account and ends everything that it had begun. None if somebody else shut it a moment
/// ago, or ended this session.
pub async fn ask(
    app: &App,
    signed_in: &SignedIn,
    browser: &Browser,
) -> Result<Option<Leaving>, AccountError> {
    db::unless_conflict(|| ask_once(app, signed_in, browser)).await
}

async fn ask_once(
    app: &App,
    signed_in: &SignedIn,
    browser: &Browser,
) -> Result<Option<Leaving>, AccountError> {
    let id = signed_in.user.id;
    let grace = app.config.accounts.removal();
    let tx = app.db.begin().await?;
    let now = app.clock.now();
    if !leaving::leave(&tx, id, now + grace, now).await? {
        return Ok(None);
    }
    // Whoever has just taken the account back from an intruder does not lose it to them.
    if !session::is_live(&tx, signed_in.session.id, now).await? {
        return Ok(None);
    }
    let about = browser.about(Some(id));
    events::record(&tx, EventKind::RemovalAsked, about, now).await?;
    sessions::end_everything(app, &tx, id, None).await?;
    let leaving = match grace > TimeDelta::zero() {
        true => {
            verification_token::forget_user(&tx, id).await?;
            tell(app, &tx, &signed_in.user, browser).await?;
            Leaving::At(now + grace)
        }
        false => {
            leaving::remove(&tx, id, now).await?;
            events::record(&tx, EventKind::UserRemoved, About::user(id), now).await?;
            Leaving::Now
        }
    };
    tx.commit().await?;
    app.notices.notify_one();
    Ok(Some(leaving))
}

/// The letter with the way back.
async fn tell(
    app: &App,
    tx: &impl ConnectionTrait,
    user: &user::Model,
    browser: &Browser,
) -> Result<(), AccountError> {
    // The address may have changed since the page was opened; the row is ours until the end.
    let Some(user) = user::find(tx, user.id).await? else {
        return Ok(());
    };
    let mailing = Mailing {
        kind: KIND,
        whose: Whose::User(user.id),
        to: &user.email,
        life: app.config.accounts.removal(),
        with_code: false,
        flow: None,
        payload: None,
    };
    let mailed = mailed::mint(app, tx, mailing, browser).await?;
    let expires = mailed.expires;
    let message = Message::AccountLeaving {
        link: mailed.link,
        leaves: words(expires),
    };
    let envelope = mailed::envelope(app, &user.email, browser);
    mailed::post(app, tx, (&envelope, &message), expires).await?;
    Ok(())
}

/// Where the account stands, for a page that asks. Changes nothing.
pub async fn standing(app: &App, user_id: Uuid) -> Result<Standing, DbErr> {
    let found = user::find(&app.db.read, user_id).await?;
    Ok(
        match found.map(|user| (user.disabled_at, user.deletes_at, user.email)) {
            Some((None, _, _)) => Standing::Kept,
            Some((Some(_), Some(at), email)) if at > app.clock.now() => {
                Standing::Leaving { email, at }
            }
            _ => Standing::Gone,
        },
    )
}

/// Whose account a link would keep, if it still works. Changes nothing: mail scanners open links too.
pub async fn peek(app: &App, token: &str) -> Result<Option<Uuid>, DbErr> {
    let found = mailed::peek(app, KIND, token).await?;
    Ok(found.and_then(|row| row.user_id))
}

/// Keeps the account of a link, and uses the link up.
pub async fn keep_by_link(app: &App, token: &str, browser: &Browser) -> Result<Standing, DbErr> {
    let Some(id) = peek(app, token).await? else {
        return Ok(Standing::Gone);
    };
    let tx = app.db.begin().await?;
    // Held first, in one order for all who change an account.
    user::find_held(&tx, id).await?;
    if mailed::consume(app, &tx, KIND, token).await?.is_none() {
        drop(tx);
        return standing(app, id).await;
    }
    stay(app, tx, id, browser).await
}

/// Keeps the account of somebody who has just proven that it is theirs.
pub async fn keep(app: &App, user_id: Uuid, browser: &Browser) -> Result<Standing, DbErr> {
    let tx = app.db.begin().await?;
    stay(app, tx, user_id, browser).await
}

async fn stay(
    app: &App,
    tx: DatabaseTransaction,
    id: Uuid,
    browser: &Browser,
) -> Result<Standing, DbErr> {
    let now = app.clock.now();
    if !leaving::stay(&tx, id, now).await? {
        drop(tx);
        return standing(app, id).await;
    }
    sessions::end_everything(app, &tx, id, None).await?;
    verification_token::forget_user(&tx, id).await?;
    let about = browser.about(Some(id));
    events::record(&tx, EventKind::RemovalCalledOff, about, now).await?;
    tx.commit().await?;
    app.notices.notify_one();
    Ok(Standing::Kept)
}

/// Removes everybody whose time had come by `now`, each in one step. Answers how many. Whoever cannot be
/// removed keeps nobody else: that is logged and tried again with the next call.
pub async fn remove_due(app: &App, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let mut removed = 0;
    loop {
        let due = leaving::due(&app.db.read, now, BATCH).await?;
        let mut gone = 0;
        for id in due {
            match db::unless_conflict(|| remove(app, id, now)).await {
                Ok(was_there) => gone += u64::from(was_there),
                Err(error) if db::is_away(&error) => return Err(error),
                Err(error) => tracing::error!(%error, user = %id, "a user could not be removed"),
            }
        }
        removed += gone;
        if gone == 0 {
            return Ok(removed);
        }
    }
}

async fn remove(app: &App, id: Uuid, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let tx = app.db.begin().await?;
    user::find_held(&tx, id).await?;
    // There are none, unless somebody made one by hand; their clients are told.
    sessions::end_all(app, &tx, id, None).await?;
    if !leaving::remove(&tx, id, now).await? {
        return Ok(false);
    }
    events::record(&tx, EventKind::UserRemoved, About::user(id), now).await?;
    tx.commit().await?;
    app.notices.notify_one();
    Ok(true)
}
