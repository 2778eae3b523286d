//! Changing the address: the new one is proven first, the one before is told, and whatever else the
//! account had begun ends.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    db, user,
    value::{Digest, EventKind, Sealed, TokenKind},
    verification_token::{self, Model, Whose},
};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::{
    AccountError, email, guard,
    mailed::{self, Coded, LETTER_KEEPS, Mailing, words},
};
use crate::{
    app::App,
    crypto::{seal::Purpose, secret::Minted},
    events,
    limits::TooOften,
    mail::letters::Message,
    sessions::{self, Browser, SignedIn},
};

const KIND: TokenKind = TokenKind::ChangeEmail;

/// How long link and code work.
const LIFE: TimeDelta = TimeDelta::hours(1);

/// What became of the wish for another address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A letter is on its way to whoever reads it there: nobody else learns whether the address has
    /// an account.
    Sent,
    /// It is the account's own.
    Own,
}

/// An address that waits to be proven.
#[derive(Clone, Debug)]
pub struct Pending {
    pub email: String,
    pub user_id: Uuid,
    pub expires: DateTime<Utc>,
}

/// What became of a link or a code.
#[derive(Debug)]
pub enum Confirmed {
    /// The account has the new address; its cookie in this browser has this new value.
    Done(Box<Minted>),
    /// The link works, but not here: nobody is signed in to the account that it is about.
    NotYours,
    /// The code is another one.
    Wrong,
    /// By now the address is somebody else's.
    Taken,
    /// It was used, has expired, or never was one.
    Dead,
    /// The codes of so many letters were wrong that the next one has to wait.
    TooOften(TooOften),
}

/// Sends a letter to the address that somebody wants for their account. Links and codes of letters
/// before no longer work.
pub async fn ask(
    app: &App,
    signed_in: &SignedIn,
    (typed, callback): (&str, Option<&str>),
    browser: &Browser,
) -> Result<Asked, AccountError> {
    let new = email::canonical(typed)?;
    if new == signed_in.user.email {
        return Ok(Asked::Own);
    }
    guard::letter(app, (KIND, &new), browser).await?;
    let now = app.clock.now();
    let tx = app.db.begin().await?;
    // Held, so that of two who ask at once one is the newer.
    let Some(user) = user::find_held(&tx, signed_in.user.id).await? else {
        // Removed a moment ago; the next page says that nobody is signed in.
        return Ok(Asked::Sent);
    };
    let mailing = Mailing {
        kind: KIND,
        whose: Whose::User(user.id),
        to: &new,
        life: LIFE,
        with_code: true,
        flow: None,
        payload: Some(sealed(app, &user)),
    };
    // Made in either case, or the page that waits for the code would tell which it is.
    let mailed = mailed::mint(app, &tx, mailing, browser).await?;
    let about = browser.about(Some(user.id));
    events::record(&tx, EventKind::EmailChangeAsked, about, now).await?;
    let expires = mailed.expires;
    let message = match user::by_email(&tx, &new).await? {
        Some(_) => mailed::address_taken(app),
        None => Message::ChangeEmail {
            link: mailed.proving_link(app, callback),
            code: mailed.code.unwrap_or_default(),
            expires: words(expires),
        },
    };
    let envelope = mailed::envelope(app, &new, browser);
    mailed::post(app, &tx, (&envelope, &message), expires).await?;
    tx.commit().await?;
    Ok(Asked::Sent)
}

/// The address that the person has asked for and not proven yet.
pub async fn pending(app: &App, user_id: Uuid) -> Result<Option<Pending>, DbErr> {
    let whose = Whose::User(user_id);
    let found = verification_token::pending(&app.db.read, KIND, whose, app.clock.now()).await?;
    Ok(found.and_then(Pending::of))
}

/// What a link would do, if it still works. Changes nothing: mail scanners open links too.
pub async fn peek(app: &App, token: &str) -> Result<Option<Pending>, DbErr> {
    Ok(mailed::peek(app, KIND, token).await?.and_then(Pending::of))
}

/// Uses a link up, for the person who is signed in to its account: whoever reads the letter may be a
/// stranger to whom it was sent, and must not lend their address to an account that is not theirs.
pub async fn confirm(
    app: &App,
    token: &str,
    signed_in: Option<&SignedIn>,
    browser: &Browser,
) -> Result<Confirmed, AccountError> {
    let Some(digest) = mailed::digest(app, KIND, token) else {
        return Ok(Confirmed::Dead);
    };
    match signed_in {
        Some(own) => take(app, &digest, own, browser).await,
        None => Ok(match peek(app, token).await? {
            Some(_) => Confirmed::NotYours,
            None => Confirmed::Dead,
        }),
    }
}

/// Uses a code up that the person typed.
pub async fn confirm_code(
    app: &App,
    typed: &str,
    signed_in: &SignedIn,
    browser: &Browser,
) -> Result<Confirmed, AccountError> {
    let whose = Whose::User(signed_in.user.id);
    match mailed::check_code(app, (KIND, whose), typed, browser).await? {
        Coded::Right(row) => take(app, &row.token, signed_in, browser).await,
        Coded::Wrong => Ok(Confirmed::Wrong),
        Coded::Dead => Ok(Confirmed::Dead),
        Coded::TooOften(often) => Ok(Confirmed::TooOften(often)),
    }
}

/// One step: the address, the end of whatever the account had begun, and the letter to the address
/// before. Whatever stops it, nothing has happened.
async fn take(
    app: &App,
    token: &Digest,
    own: &SignedIn,
    browser: &Browser,
) -> Result<Confirmed, AccountError> {
    db::unless_conflict(|| take_once(app, token, own, browser)).await
}

async fn take_once(
    app: &App,
    token: &Digest,
    own: &SignedIn,
    browser: &Browser,
) -> Result<Confirmed, AccountError> {
    let now = app.clock.now();
    let tx = app.db.begin().await?;
    // Held first, in one order for all who change an account: of two who confirm at once the second
    // finds what the first has done.
    user::find_held(&tx, own.user.id).await?;
    let Some(row) = verification_token::consume(&tx, KIND, token, now).await? else {
        return Ok(Confirmed::Dead);
    };
    if row.user_id != Some(own.user.id) {
        return Ok(Confirmed::NotYours);
    }
    let Some(before) = opened(app, &row) else {
        return Ok(Confirmed::Dead);
    };
    // The row names the address that its letter went to: only that one becomes proven.
    let addresses = (before.as_str(), row.identifier.as_str());
    match user::change_email(&tx, own.user.id, addresses, now).await {
        Ok(true) => {}
        Ok(false) => return Ok(Confirmed::Dead),
        Err(user::AddError::Taken) => return Ok(Confirmed::Taken),
        Err(user::AddError::Db(error)) => return Err(error.into()),
    }
    let Some(session) = sessions::turn(app, &tx, own).await? else {
        // Signed out a moment ago, from elsewhere.
        return Ok(Confirmed::NotYours);
    };
    sessions::end_everything(app, &tx, own.user.id, Some(own.session.id)).await?;
    verification_token::forget_user(&tx, own.user.id).await?;
    let about = browser.about(Some(own.user.id));
    events::record(&tx, EventKind::EmailChanged, about, now).await?;
    tell(app, &tx, addresses, browser).await?;
    tx.commit().await?;
    app.notices.notify_one();
    Ok(Confirmed::Done(Box::new(session)))
}

/// Tells the address before.
async fn tell(
    app: &App,
    tx: &impl ConnectionTrait,
    (before, new): (&str, &str),
    browser: &Browser,
) -> Result<(), AccountError> {
    let now = app.clock.now();
    let message = Message::EmailChanged {
        new_email: new,
        at: words(now),
    };
    let envelope = mailed::envelope(app, before, browser);
    mailed::post(app, tx, (&envelope, &message), now + LETTER_KEEPS).await?;
    Ok(())
}

impl Pending {
    fn of(row: Model) -> Option<Self> {
        Some(Self {
            user_id: row.user_id?,
            email: row.identifier,
            expires: row.expires,
        })
    }
}

/// The address from which the account is about to go away.
fn sealed(app: &App, user: &user::Model) -> Vec<u8> {
    let plain = user.email.as_bytes();
    let sealed = app
        .sealer
        .seal(Purpose::ChangeEmail, &place(user.id), plain);
    sealed.0
}

fn opened(app: &App, row: &Model) -> Option<String> {
    let sealed = Sealed(row.payload.clone()?);
    let place = place(row.user_id?);
    let plain = app.sealer.open(Purpose::ChangeEmail, &place, &sealed);
    String::from_utf8(plain.ok()?).ok()
}

fn place(user_id: Uuid) -> String {
    format!("verification_token|payload|{user_id}")
}
