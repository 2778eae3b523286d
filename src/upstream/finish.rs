//! What is still missing of somebody who came back: a sign-in to the account that has their address,
//! or an address that they prove. What the provider said waits sealed, for this browser, this provider
//! and this subject, and is used once.

use entity::{upstream_arrival, user, value::TokenKind};
use uuid::Uuid;

use super::{
    Came, Here, Provider, UpstreamError,
    arrival::{Arriving, Kept, opened},
    find,
    identity::{Address, Proof},
    letter,
    link::Whose,
    settle,
};
use crate::{
    accounts::{AccountError, email, guard, mailed::Budget},
    app::App,
    crypto::secret::{SecretKind, Secrets},
};

/// How often the code of one letter may be tried.
const TRIES: i32 = 5;

/// Somebody who came back, as a page shows them.
#[derive(Debug)]
pub struct Arrival<'a> {
    pub provider: Provider<'a>,
    /// What they are called there.
    pub display: String,
    pub missing: Missing,
    /// What this browser goes on with.
    pub flow: Option<String>,
}

/// What is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// To sign in to the account with this address.
    SignIn(String),
    /// Their word that it is to be linked to the account with this address, to which they have signed
    /// in since.
    Word(String),
    /// An address; with the one that the provider told, if it did.
    Address(Option<String>),
    /// The code of the letter to this address.
    Code(String),
}

/// What became of a code.
#[derive(Debug)]
pub enum Coded {
    Right(Box<Came>),
    Wrong,
    /// It was tried too often, or there is none.
    Dead,
}

/// The arrival of this browser that the secret stands for. Changes nothing.
pub async fn look<'a>(
    app: &'a App,
    secret: &str,
    here: Here<'_>,
) -> Result<Option<Arrival<'a>>, UpstreamError> {
    let Some((row, provider)) = peek(app, secret, here).await? else {
        return Ok(None);
    };
    let Some(kept) = opened(app, &row) else {
        return Ok(None);
    };
    let missing = match row.user_id {
        Some(owner) => {
            let Some(owner) = user::find(&app.db.read, owner).await? else {
                return Ok(None);
            };
            match has_proven(&row, here) {
                true => Missing::Word(owner.email),
                false => Missing::SignIn(owner.email),
            }
        }
        None => match &row.email {
            Some(email) => Missing::Code(email.clone()),
            None => Missing::Address(kept.identity.email.map(|address| address.email)),
        },
    };
    Ok(Some(Arrival {
        provider,
        display: kept.identity.display,
        missing,
        flow: row.flow,
    }))
}

/// Links it to the account of whoever has signed in since, if that is the one that it was kept for.
pub async fn link(app: &App, secret: &str, here: Here<'_>) -> Result<Came, UpstreamError> {
    let Some((row, provider)) = peek(app, secret, here).await? else {
        return Ok(Came::Unknown);
    };
    let owner = row.user_id.filter(|_| has_proven(&row, here));
    let Some(owner) = owner else {
        return Ok(Came::Unknown);
    };
    take(app, row, (provider, Some(owner)), here, |kept| kept).await
}

/// Sends the letter with a code to the address that a newcomer gives; the same to every address,
/// whoever has it.
pub async fn ask(
    app: &App,
    secret: &str,
    typed: &str,
    here: Here<'_>,
) -> Result<Result<bool, AccountError>, UpstreamError> {
    let Some((row, provider)) = peek(app, secret, here).await? else {
        return Ok(Ok(false));
    };
    let address = match email::canonical(typed) {
        Ok(address) => address,
        Err(error) => return Ok(Err(error)),
    };
    let Some(kept) = opened(app, &row).filter(|_| row.user_id.is_none()) else {
        return Ok(Ok(false));
    };
    if let Err(error) = guard::letter(app, (TokenKind::SignUp, &address), here.browser).await {
        return Ok(Err(error));
    }
    let code = app.secrets.mint_mail_code(&row.token);
    let tx = app.db.begin().await?;
    let now = app.clock.now();
    if !upstream_arrival::await_code(&tx, &row.token, (&address, &code.digest), now).await? {
        return Ok(Ok(false));
    }
    let told = (provider, kept.identity.display.as_str(), address.as_str());
    letter::code(app, &tx, told, (&code.shown, row.expires_at), here).await?;
    tx.commit().await?;
    Ok(Ok(true))
}

/// Takes in a newcomer who has typed the code of the letter: their address is proven, by us.
pub async fn confirm(
    app: &App,
    secret: &str,
    typed: &str,
    here: Here<'_>,
) -> Result<Coded, UpstreamError> {
    let Some((row, provider)) = peek(app, secret, here).await? else {
        return Ok(Coded::Dead);
    };
    let (Some(code), Some(address)) = (&row.code, row.email.clone()) else {
        return Ok(Coded::Dead);
    };
    let Some(typed) = app.secrets.mail_code(&row.token, typed) else {
        // What cannot be a code costs nobody a try.
        return Ok(Coded::Wrong);
    };
    if !upstream_arrival::count_try(&app.db.write, &row.token, TRIES).await? {
        return Ok(Coded::Dead);
    }
    let proves = (TokenKind::SignUp, address.as_str());
    let budget = Budget::take(app, proves, None, here.browser).await?;
    let budget = budget.map_err(UpstreamError::TooOften)?;
    if !Secrets::same(code, &typed) {
        return Ok(Coded::Wrong);
    }
    budget.give_back(app).await?;
    let proven = |mut kept: Kept| {
        kept.identity.email = Some(Address {
            email: address,
            proof: Proof::Signed,
        });
        kept
    };
    let came = take(app, row, (provider, None), here, proven).await?;
    Ok(Coded::Right(Box::new(came)))
}

/// Uses the row up and goes on with what it held.
async fn take(
    app: &App,
    row: upstream_arrival::Model,
    (provider, owner): (Provider<'_>, Option<Uuid>),
    here: Here<'_>,
    change: impl FnOnce(Kept) -> Kept,
) -> Result<Came, UpstreamError> {
    let now = app.clock.now();
    let whose = (here.visitor, owner);
    let taken = upstream_arrival::take(&app.db.write, &row.token, whose, now).await?;
    let kept = taken.as_ref().and_then(|row| opened(app, row));
    let Some((row, kept)) = taken.zip(kept) else {
        return Ok(Came::Unknown);
    };
    let kept = change(kept);
    let arriving = Arriving {
        identity: kept.identity,
        tokens: kept.tokens,
        whose: owner.map_or(Whose::Anybodys, Whose::Owners),
        flow: row.flow,
    };
    settle::settle(app, provider, arriving, here).await
}

/// The row, if it is of this browser and its provider still is one.
async fn peek<'a>(
    app: &'a App,
    secret: &str,
    here: Here<'_>,
) -> Result<Option<(upstream_arrival::Model, Provider<'a>)>, UpstreamError> {
    let Some(token) = app.secrets.digest(SecretKind::UpstreamArrival, secret) else {
        return Ok(None);
    };
    let now = app.clock.now();
    let row = upstream_arrival::peek(&app.db.read, &token, here.visitor, now).await?;
    Ok(row.and_then(|row| {
        let provider = find(app, &row.provider)?;
        Some((row, provider))
    }))
}

/// Whether the one for whom it is kept has signed in here since they came back.
fn has_proven(row: &upstream_arrival::Model, here: Here<'_>) -> bool {
    here.signed_in.is_some_and(|own| {
        Some(own.user.id) == row.user_id && own.session.auth_time >= row.created_at
    })
}
