//! Mailed secrets: a link that works once and, beside it, perhaps a code of six digits for somebody
//! who reads their mail on another device. What is proven by one is for its caller to say.

mod budget;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    user,
    value::{Digest, TokenKind},
    verification_token::{self, Model, Whose},
};
use sea_orm::{ConnectionTrait, DbErr, Set};
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;
use uuid::Uuid;

pub(crate) use budget::Budget;

use super::AccountError;
use crate::{
    app::App,
    crypto::secret::{SecretKind, Secrets},
    limits::TooOften,
    mail::{
        self,
        letters::{Envelope, Message},
    },
    paths,
    sessions::Browser,
};

/// How often the code of one letter may be tried.
const TRIES: i32 = 5;

/// What is about to be mailed.
#[derive(Debug)]
pub(super) struct Mailing<'a> {
    pub kind: TokenKind,
    pub whose: Whose<'a>,
    /// The canonical address that it proves.
    pub to: &'a str,
    pub life: TimeDelta,
    pub with_code: bool,
    /// The flow that the browser was in, to go on with.
    pub flow: Option<&'a str>,
    /// Sealed.
    pub payload: Option<Vec<u8>>,
}

/// Where a link leads, and how it goes on from there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Onward<'a> {
    /// The flow that the browser was in.
    pub flow: Option<&'a str>,
    /// A page of a front end to which it leads on, or which takes the secret instead of ours; known
    /// to be trusted.
    pub callback: Option<&'a str>,
}

/// What goes into the letter.
#[derive(Debug)]
pub(super) struct Mailed {
    pub link: String,
    /// The secret in the link, for another door that takes it.
    pub secret: SecretString,
    pub code: Option<String>,
    pub expires: DateTime<Utc>,
}

impl Mailed {
    /// The link that proves an address: through the door of the JSON API, always below our own issuer,
    /// if it leads on to a page of a front end.
    pub(super) fn proving_link(&self, app: &App, callback: Option<&str>) -> String {
        let Some(callback) = callback else {
            return self.link.clone();
        };
        let (door, callback) = (app.url(paths::API_VERIFY_EMAIL), encoded(callback));
        let secret = self.secret.expose_secret();
        format!("{door}?token={secret}&callbackURL={callback}")
    }
}

/// A text within the query of a link.
pub(super) fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// What became of a code that was typed.
#[derive(Debug)]
pub enum Coded {
    /// It is right; not yet used up.
    Right(Box<Model>),
    Wrong,
    /// There is none that could be right, or it was tried too often.
    Dead,
    /// The codes of so many letters were wrong that the next one has to wait; links still work.
    TooOften(TooOften),
}

/// A letter that was just sent is on its way; asking again and again does not send more.
pub(super) const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(1);

/// How long a letter that holds no secret may wait to be delivered.
pub(crate) const LETTER_KEEPS: TimeDelta = TimeDelta::days(3);

/// A letter to `email` that this browser asked for.
pub(crate) fn envelope<'a>(app: &'a App, email: &'a str, browser: &'a Browser) -> Envelope<'a> {
    Envelope {
        issuer: &app.config.server.issuer,
        email,
        browser: browser.name(),
        place: browser.place(),
    }
}

/// Puts a letter into the outbox until `expires`, in the transaction of its cause. Answers its id.
pub(crate) async fn post(
    app: &App,
    tx: &impl ConnectionTrait,
    letter: (&Envelope<'_>, &Message<'_>),
    expires: DateTime<Utc>,
) -> Result<Uuid, AccountError> {
    let by = (&app.templates, &app.sealer);
    Ok(mail::post(tx, by, letter, (app.clock.now(), expires)).await?)
}

/// Tells the owner of an account that its password was changed.
pub(super) async fn tell_of_password(
    app: &App,
    tx: &impl ConnectionTrait,
    envelope: &Envelope<'_>,
) -> Result<(), AccountError> {
    let now = app.clock.now();
    let changed = Message::PasswordChanged { at: words(now) };
    let keeps = now + LETTER_KEEPS;
    post(app, tx, (envelope, &changed), keeps).await.map(drop)
}

/// The letter to the owner of an address that somebody else wants.
pub(super) fn address_taken(app: &App) -> Message<'static> {
    Message::AddressTaken {
        link: app.url(paths::LOGIN),
        recover: app.url(paths::RECOVER),
        at: words(app.clock.now()),
    }
}

/// A time, as letters put it.
pub(crate) fn words(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}

/// The kind of secret and the page of a kind of token.
fn faces(kind: TokenKind) -> (SecretKind, &'static str) {
    match kind {
        TokenKind::VerifyEmail => (SecretKind::VerifyEmail, paths::VERIFY_EMAIL),
        TokenKind::SignUp => (SecretKind::SignUp, paths::CONFIRM_SIGN_UP),
        TokenKind::Recover => (SecretKind::Recover, paths::RESET_PASSWORD),
        TokenKind::ChangeEmail => (SecretKind::ChangeEmail, paths::CONFIRM_EMAIL),
        TokenKind::KeepAccount => (SecretKind::KeepAccount, paths::KEEP_ACCOUNT),
    }
}

/// Makes the secrets of a letter; those of letters before no longer work.
pub(super) async fn mint(
    app: &App,
    tx: &impl ConnectionTrait,
    mailing: Mailing<'_>,
    browser: &Browser,
) -> Result<Mailed, DbErr> {
    let now = app.clock.now();
    let expires = now + mailing.life;
    let (secret, path) = faces(mailing.kind);
    let minted = app.secrets.mint(secret);
    let code = mailing
        .with_code
        .then(|| app.secrets.mint_mail_code(&minted.digest));
    let row = verification_token::ActiveModel {
        identifier: Set(mailing.to.to_owned()),
        token: Set(minted.digest.clone()),
        expires: Set(expires),
        kind: Set(mailing.kind),
        user_id: Set(match mailing.whose {
            Whose::User(id) => Some(id),
            Whose::Newcomer { .. } => None,
        }),
        code: Set(code.as_ref().map(|code| code.digest.clone())),
        tries: Set(0),
        visitor: Set(browser.device.clone()),
        flow: Set(mailing.flow.map(str::to_owned)),
        payload: Set(mailing.payload),
        created_at: Set(now),
    };
    verification_token::replace(tx, (mailing.kind, mailing.whose), row).await?;
    Ok(Mailed {
        link: format!("{}?token={}", app.url(path), minted.expose()),
        code: code.map(|code| code.shown),
        expires,
        secret: minted.secret,
    })
}

/// The digest of a link's secret, if it has the form of one of this kind.
pub(super) fn digest(app: &App, kind: TokenKind, secret: &str) -> Option<Digest> {
    app.secrets.digest(faces(kind).0, secret)
}

/// What a link would prove, if it still works. Changes nothing: mail scanners open links too.
pub(super) async fn peek(app: &App, kind: TokenKind, secret: &str) -> Result<Option<Model>, DbErr> {
    match digest(app, kind, secret) {
        Some(digest) => {
            verification_token::peek(&app.db.read, kind, &digest, app.clock.now()).await
        }
        None => Ok(None),
    }
}

/// Uses a link of this user up, if it was sent to the address that is still theirs.
pub(super) async fn consume_for(
    app: &App,
    tx: &impl ConnectionTrait,
    (kind, user): (TokenKind, &user::Model),
    secret: &str,
) -> Result<Option<Model>, DbErr> {
    let Some(digest) = digest(app, kind, secret) else {
        return Ok(None);
    };
    let whose = (kind, user.id, user.email.as_str());
    verification_token::consume_for(tx, whose, &digest, app.clock.now()).await
}

/// Uses a link up; of any number who do so at once one gets it. Where the transaction does not end
/// well, it still works.
pub(super) async fn consume(
    app: &App,
    tx: &impl ConnectionTrait,
    kind: TokenKind,
    secret: &str,
) -> Result<Option<Model>, DbErr> {
    match digest(app, kind, secret) {
        Some(digest) => verification_token::consume(tx, kind, &digest, app.clock.now()).await,
        None => Ok(None),
    }
}

/// Compares a code that somebody typed with that of the newest letter to them. Counted before it is
/// compared; a right one is for the caller to use up, by its token.
pub(super) async fn check_code(
    app: &App,
    (kind, whose): (TokenKind, Whose<'_>),
    typed: &str,
    browser: &Browser,
) -> Result<Coded, DbErr> {
    let now = app.clock.now();
    let Some(row) = verification_token::pending(&app.db.read, kind, whose, now).await? else {
        return Ok(Coded::Dead);
    };
    let Some((code, typed)) = row
        .code
        .as_ref()
        .zip(app.secrets.mail_code(&row.token, typed))
    else {
        // What cannot be a code costs nobody a try.
        return Ok(Coded::Wrong);
    };
    if !verification_token::count_try(&app.db.write, &row.token, TRIES, now).await? {
        return Ok(Coded::Dead);
    }
    // Over all letters too: whoever may ask for more of them must not get more tries than that.
    let proves = (row.kind, row.identifier.as_str());
    let budget = match Budget::take(app, proves, row.user_id, browser).await? {
        Ok(budget) => budget,
        Err(often) => return Ok(Coded::TooOften(often)),
    };
    if !Secrets::same(code, &typed) {
        return Ok(Coded::Wrong);
    }
    budget.give_back(app).await?;
    Ok(Coded::Right(Box::new(row)))
}
