//! Newcomers: people who sign up where nobody has an account before the address is proven. What they
//! chose waits, sealed, beside the secrets of their letter, for the browser in which they chose it.
//! An address that belongs to somebody gets the same work, rows and answer; only the letter is another.

mod again;
mod waiting;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    user,
    value::{EventKind, Role, StandardClaims, TokenKind},
    verification_token::{self, Model, Whose},
};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::{
    AccountError, guard,
    mailed::{self, Coded, Mailing, Onward, words},
    register::{self, Chosen, NewUser, Typed},
};
use crate::{
    app::App,
    crypto::secret::Minted,
    events,
    limits::TooOften,
    mail::letters::Message,
    sessions::{self, Browser, Proof, SignedIn},
};
pub use again::{post_again, post_again_to};
use waiting::Waiting;

/// How long the secrets of a letter work.
const LIFE: TimeDelta = TimeDelta::hours(24);

/// A sign-up that waits for its code, whether or not there will ever be one.
#[derive(Debug)]
pub struct Begun {
    pub id: Uuid,
    /// Canonical.
    pub email: String,
    pub name: Option<String>,
    pub image: Option<String>,
    pub at: DateTime<Utc>,
}

/// What became of a code or a link.
#[derive(Debug)]
pub enum Confirmed {
    /// The address is proven, the account made and its owner signed in; with the flow to go on with.
    Welcome(Box<Minted>, Option<String>),
    Wrong,
    /// Meanwhile the address has become somebody's; with the flow to go on with.
    Taken(Option<String>),
    /// It works, but only in the browser that signed up.
    Elsewhere,
    /// It was used, has expired, or never was one.
    Dead,
    TooOften(TooOften),
}

/// Where the link of a letter was opened.
#[derive(Debug)]
pub enum Opened {
    /// In the browser that signed up, with this address.
    Here(Box<Model>),
    Elsewhere,
    Dead,
}

/// Checks what was typed, keeps it and writes a letter. Nobody is made and nobody is signed in.
pub async fn begin(
    app: &App,
    typed: Typed<'_>,
    flow: Option<&str>,
    browser: &Browser,
) -> Result<Begun, AccountError> {
    let Chosen {
        email,
        name,
        image,
        password_hash,
    } = register::choose(app, typed, browser).await?;
    guard::letter(app, (TokenKind::SignUp, &email), browser).await?;
    let begun = Begun {
        id: app.new_id(),
        email,
        name,
        image,
        at: app.clock.now(),
    };
    let waiting = Waiting {
        id: begun.id,
        name: begun.name.clone(),
        image: begun.image.clone(),
        password_hash,
        at: begun.at,
        taken: false,
    };
    let tx = app.db.begin().await?;
    let onward = Onward {
        flow,
        callback: typed.callback,
    };
    post_letter(app, &tx, (&begun.email, onward), waiting, browser).await?;
    tx.commit().await?;
    Ok(begun)
}

/// Keeps what was chosen and writes the letter: to the newcomer, or to who has the address already.
async fn post_letter(
    app: &App,
    tx: &impl ConnectionTrait,
    (email, onward): (&str, Onward<'_>),
    mut waiting: Waiting,
    browser: &Browser,
) -> Result<(), AccountError> {
    waiting.taken = user::by_email(tx, email).await?.is_some();
    let mailing = Mailing {
        kind: TokenKind::SignUp,
        whose: whose(email, browser),
        to: email,
        life: LIFE,
        with_code: true,
        flow: onward.flow,
        payload: Some(waiting.seal(app, email, browser)?),
    };
    let mailed = mailed::mint(app, tx, mailing, browser).await?;
    let expires = mailed.expires;
    let message = match waiting.taken {
        // The secrets that were just made are told to nobody.
        true => mailed::address_taken(app),
        false => Message::SignUp {
            link: mailed.proving_link(app, onward.callback),
            code: mailed.code.unwrap_or_default(),
            expires: words(expires),
        },
    };
    let envelope = mailed::envelope(app, email, browser);
    mailed::post(app, tx, (&envelope, &message), expires).await?;
    Ok(())
}

/// The sign-up of this browser that waits for its code.
pub async fn pending(
    app: &App,
    (id, email): (Uuid, &str),
    browser: &Browser,
) -> Result<Option<Model>, DbErr> {
    let (now, whose) = (app.clock.now(), whose(email, browser));
    let found = verification_token::pending(&app.db.read, TokenKind::SignUp, whose, now).await?;
    let is_own = |row: &Model| Waiting::open(app, row, browser).is_some_and(|own| own.id == id);
    Ok(found.filter(is_own))
}

/// Where a link was opened. Changes nothing: mail scanners open links too.
pub async fn peek(app: &App, token: &str, browser: &Browser) -> Result<Opened, DbErr> {
    Ok(match mailed::peek(app, TokenKind::SignUp, token).await? {
        Some(row) if row.visitor == browser.device => Opened::Here(Box::new(row)),
        Some(_) => Opened::Elsewhere,
        None => Opened::Dead,
    })
}

/// Makes the account if the code is the one that was mailed, and what waits is still what this sign-up
/// began: somebody else at the same browser may have begun another with the address, and a password of
/// their own.
pub async fn confirm_code(
    app: &App,
    (id, email, typed): (Uuid, &str, &str),
    before: Option<&SignedIn>,
    browser: &Browser,
) -> Result<Confirmed, AccountError> {
    let asked = (TokenKind::SignUp, whose(email, browser));
    match mailed::check_code(app, asked, typed, browser).await? {
        Coded::Right(row) => welcome(app, (*row, Some(id)), before, browser).await,
        Coded::Wrong => Ok(Confirmed::Wrong),
        Coded::Dead => Ok(Confirmed::Dead),
        Coded::TooOften(often) => Ok(Confirmed::TooOften(often)),
    }
}

/// Makes the account by the link, in the browser that signed up and nowhere else: whoever reads the
/// mail of the address did not choose the password.
pub async fn confirm_link(
    app: &App,
    token: &str,
    before: Option<&SignedIn>,
    browser: &Browser,
) -> Result<Confirmed, AccountError> {
    match peek(app, token, browser).await? {
        Opened::Here(row) => welcome(app, (*row, None), before, browser).await,
        Opened::Elsewhere => Ok(Confirmed::Elsewhere),
        Opened::Dead => Ok(Confirmed::Dead),
    }
}

/// Makes the account that waits beside a token of this browser, and uses the token up. What does not
/// end well is not committed, and leaves the token as it was.
async fn welcome(
    app: &App,
    (found, begun): (Model, Option<Uuid>),
    before: Option<&SignedIn>,
    browser: &Browser,
) -> Result<Confirmed, AccountError> {
    // Closed since the letter was written.
    if !app.config.accounts.sign_up {
        return Ok(Confirmed::Dead);
    }
    let now = app.clock.now();
    let tx = app.db.begin().await?;
    // With it goes what others wait for who signed up with the address: they did not read its mail.
    let asked = (found.identifier.as_str(), &found.token);
    let Some(row) = verification_token::consume_newcomers(&tx, asked, now).await? else {
        return Ok(Confirmed::Dead);
    };
    let Some(waiting) = Waiting::open(app, &row, browser) else {
        return Ok(Confirmed::Dead);
    };
    if begun.is_some_and(|id| id != waiting.id) {
        return Ok(Confirmed::Dead);
    }
    if waiting.taken {
        // Guessed, for it was told to nobody.
        return Ok(Confirmed::Wrong);
    }
    let new = NewUser {
        email: row.identifier.clone(),
        name: waiting.name,
        password_hash: Some(waiting.password_hash),
        email_verified: Some(now),
        role: Role::User,
        claims: StandardClaims::default(),
        image: waiting.image,
    };
    let user = match register::add_as(app, &tx, waiting.id, new).await {
        Ok(user) => user,
        Err(AccountError::EmailTaken) => return Ok(Confirmed::Taken(row.flow)),
        Err(error) => return Err(error),
    };
    let about = browser.about(Some(user.id));
    events::record(&tx, EventKind::EmailVerified, about, now).await?;
    let proven = (user, Proof::password(waiting.at));
    let (session, _) = sessions::start(app, &tx, proven, before, browser).await?;
    tx.commit().await?;
    Ok(Confirmed::Welcome(Box::new(session), row.flow))
}

fn whose<'a>(identifier: &'a str, browser: &'a Browser) -> Whose<'a> {
    Whose::Newcomer {
        identifier,
        visitor: browser.device.as_deref().unwrap_or_default(),
    }
}
