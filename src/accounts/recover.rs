//! Recovering an account: a letter to its address, and a new password for whoever reads it.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    account, consent, db, known_device, outbox, user,
    value::{EventKind, StandardClaims, TokenKind},
    verification_token::{self, Whose},
};
use sea_orm::{ConnectionTrait, DbErr};
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::{
    AccountError, email, guard,
    mailed::{self, Mailed, Mailing, encoded, words},
    password,
};
use crate::{
    app::App,
    events,
    mail::letters::Message,
    paths,
    sessions::{self, Browser},
};

pub use super::mailed::Onward;

/// How long a link works: as long as the letters of a mailbox are counted together, so that one that
/// works is among those that a stranger may have had written.
const LIFE: TimeDelta = TimeDelta::hours(1);

/// Writes a letter to the owner of an address, if it has one. Who asks learns nothing, neither from
/// the answer nor from how long it takes: for an address without an account, and for one whose
/// account is disabled, the same is written in the same transaction and taken back before it ends.
pub async fn ask(
    app: &App,
    typed: &str,
    onward: Onward<'_>,
    browser: &Browser,
) -> Result<(), AccountError> {
    let address = email::canonical(typed)?;
    guard::letters_for(app, &address, browser).await?;
    let may_send = guard::may_send(app, (TokenKind::Recover, &address)).await?;
    let now = app.clock.now();
    let tx = app.db.begin().await?;
    // Held, so that no link outlives a change that is made meanwhile.
    let found = user::by_email_held(&tx, &address).await?;
    let about = browser.about(found.as_ref().map(|user| user.id));
    let reader = found.filter(|user| user.disabled_at.is_none());
    let nobody = Whose::Newcomer {
        identifier: &address,
        visitor: "",
    };
    let mailing = Mailing {
        kind: TokenKind::Recover,
        whose: reader.as_ref().map_or(nobody, |user| Whose::User(user.id)),
        to: &address,
        life: LIFE,
        with_code: false,
        flow: onward.flow,
        payload: None,
    };
    let mailed = mailed::mint(app, &tx, mailing, browser).await?;
    let message = Message::Recover {
        link: link(app, &mailed, onward.callback),
        expires: words(mailed.expires),
    };
    let envelope = mailed::envelope(app, &address, browser);
    let letter = mailed::post(app, &tx, (&envelope, &message), mailed.expires).await?;
    events::record(&tx, EventKind::RecoveryAsked, about, now).await?;
    // One way for both, so that neither has a statement more than the other.
    verification_token::forget_nobodys(&tx, TokenKind::Recover, &address).await?;
    outbox::take_back(&tx, reader.map_or(letter, |_| Uuid::nil())).await?;
    match may_send {
        true => tx.commit().await?,
        // Not told, not even by how long it takes: it would say how often somebody else had asked.
        false => tx.rollback().await?,
    }
    Ok(())
}

/// Always below our own issuer, whatever host a request names.
fn link(app: &App, mailed: &Mailed, callback: Option<&str>) -> String {
    let Some(callback) = callback else {
        return mailed.link.clone();
    };
    let door = app.url(paths::API_RESET_PASSWORD);
    let callback = encoded(callback);
    let secret = mailed.secret.expose_secret();
    format!("{door}/{secret}?callbackURL={callback}")
}

/// Whose password a link would set, if it still works. Changes nothing: mail scanners open links
/// too.
pub async fn peek(app: &App, token: &str) -> Result<Option<user::Model>, DbErr> {
    let Some(token) = mailed::peek(app, TokenKind::Recover, token).await? else {
        return Ok(None);
    };
    let user = match token.user_id {
        Some(id) => user::find(&app.db.read, id).await?,
        None => None,
    };
    Ok(user.filter(|user| user.disabled_at.is_none() && user.email == token.identifier))
}

/// Whose password was set.
#[derive(Clone, Debug)]
pub struct Recovered {
    pub user_id: Uuid,
    /// The flow in which somebody asked for it.
    pub flow: Option<String>,
}

/// Uses a link up and sets the password. Whoever knew the old one, or was signed in by it, has
/// nothing any more, and the browser in which it is set is the only one that is known. None: the link
/// does not work (any more). A password that may not be set leaves the link as it is.
pub async fn reset(
    app: &App,
    (token, typed): (&str, &str),
    browser: &Browser,
) -> Result<Option<Recovered>, AccountError> {
    // Before the work of hashing, which nobody is to cause with a link that is none.
    let Some(user) = peek(app, token).await? else {
        guard::dead_link(app, browser).await?;
        return Ok(None);
    };
    let words = [
        user.email.as_str(),
        user.name.as_deref().unwrap_or_default(),
    ];
    password::of_length(typed)?;
    guard::choice_of(app, user.id).await?;
    let chosen = password::choose(app, typed, &words).await?;
    let hash = app.passwords.hash(&chosen).await?;
    db::unless_conflict(|| set(app, (user.id, token, &hash), browser)).await
}

async fn set(
    app: &App,
    (id, token, hash): (Uuid, &str, &str),
    browser: &Browser,
) -> Result<Option<Recovered>, AccountError> {
    let tx = app.db.begin().await?;
    // What was true before the hashing may have changed; from here on it cannot.
    let user = user::find_held(&tx, id).await?;
    let now = app.clock.now();
    let Some(user) = user.filter(|user| user.disabled_at.is_none()) else {
        return Ok(None);
    };
    let own = (TokenKind::Recover, &user);
    let Some(token) = mailed::consume_for(app, &tx, own, token).await? else {
        return Ok(None);
    };
    let known = user.password_hash.as_deref();
    user::replace_password(&tx, user.id, known, hash, now).await?;
    if known.is_none() {
        account::add_credentials(&tx, app.new_id(), user.id).await?;
    }
    let about = || browser.about(Some(user.id));
    // The letter has proven who reads the mail of the address.
    if user::verify_email(&tx, user.id, &user.email, now).await? {
        begin_anew(&tx, &user, now).await?;
        events::record(&tx, EventKind::EmailVerified, about(), now).await?;
    }
    sessions::end_everything(app, &tx, user.id, None).await?;
    verification_token::forget_user(&tx, user.id).await?;
    known_device::forget_user(&tx, user.id).await?;
    // Who reads the mail and sets the password has proven more than who once typed it: here they wait
    // neither with strangers nor for them.
    if let Some(device) = &browser.device {
        known_device::remember(&tx, device, user.id, now).await?;
    }
    guard::clear(app, &tx, &user).await?;
    events::record(&tx, EventKind::PasswordReset, about(), now).await?;
    let envelope = mailed::envelope(app, &user.email, browser);
    mailed::tell_of_password(app, &tx, &envelope).await?;
    tx.commit().await?;
    app.notices.notify_one();
    Ok(Some(Recovered {
        user_id: user.id,
        flow: token.flow,
    }))
}

/// Takes away what was given to an account before its address was proven: whoever had made it until
/// then may have been anybody, waiting for the owner of the address to come. What they said of
/// themselves would be told to clients as the owner's; where there was no password yet, only an
/// operator can have said it.
async fn begin_anew(
    tx: &impl ConnectionTrait,
    user: &user::Model,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    account::forget_linked(tx, user.id).await?;
    consent::forget_user(tx, user.id).await?;
    if user.password_hash.is_some() {
        user::state(tx, user.id, (None, None, StandardClaims::default()), now).await?;
    }
    Ok(())
}
