//! The one place where a typed password meets the one that is kept. Every try is counted as failed
//! before it is made, in the database, so that neither many at once nor a restart gets anybody more.
//! It knows no difference between an address that has an account and one that has none.
//!
//! Strangers share one count for each address. A browser in which the owner has signed in before has
//! a count of its own, so that no stranger can lock the owner out.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    failure_counter, known_device, user,
    value::{Digest, EventKind},
};
use sea_orm::DbErr;
use uuid::Uuid;

use super::network::Network;
use crate::{
    accounts::AccountError,
    app::App,
    crypto::password::Verdict,
    events,
    limits::{TooOften, crowd::Member},
    sessions::Browser,
};

/// So many may be wrong in a row before anybody has to wait.
const FREE: usize = 10;
/// The first wait; each is twice as long as the one before,
const FIRST: TimeDelta = TimeDelta::seconds(1);
/// up to this one.
const LONGEST: TimeDelta = TimeDelta::seconds(900);
/// What was wrong is forgotten if nothing was for so long.
const FORGOTTEN: TimeDelta = TimeDelta::hours(24);
/// A browser in which nobody has signed in for so long is a stranger's.
const KNOWN: TimeDelta = TimeDelta::days(400);

/// A password that somebody typed.
#[derive(Clone, Copy)]
pub(in crate::accounts) struct Typed<'a> {
    /// The canonical address that it was typed for; none for what is no address.
    pub address: Option<&'a str>,
    /// Whose address that is.
    pub user: Option<&'a user::Model>,
    pub password: &'a str,
}

/// It is the password of that user, who may learn so.
#[derive(Clone, Copy, Debug)]
pub(in crate::accounts) struct Right {
    /// It was hashed with less than we ask for now.
    pub weak: bool,
}

/// Sends people away when there is no place for anybody, before anything is read for them: in a rush
/// that is what most get, and it has to cost next to nothing. Those who guess in a crowd at one
/// address go on, to be told that they do.
pub(in crate::accounts) fn room(app: &App, address: Option<&str>) -> Result<(), AccountError> {
    let guessed = address.map(|address| of_strangers(app, address));
    match guessed.is_some_and(|bucket| app.crowds.is_guessing(&bucket, FREE)) {
        true => Ok(()),
        false => Ok(app.passwords.look()?),
    }
}

/// Compares a typed password with that of the user, unless it was wrong too often of late. Whatever
/// is the matter, it costs the same work and gets the same answer as for nobody.
pub(in crate::accounts) async fn check(
    app: &App,
    typed: Typed<'_>,
    browser: &Browser,
) -> Result<Right, AccountError> {
    let known = is_known(app, typed.user, browser).await?;
    let bucket = typed.address.map(|address| match (known, typed.user) {
        (Some(device), Some(user)) => of_device(app, address, user, device),
        _ => of_strangers(app, address),
    });
    let network = known.is_none().then(|| Network::of(app, browser));
    // Whoever has to wait anyway is told so before anything is written or anybody has to queue.
    let now = app.clock.now();
    if let Some(network) = &network {
        network.look(now).await?;
    }
    let crowd = bucket
        .as_ref()
        .map(|own| app.crowds.join(own.clone(), FREE));
    if let Some(bucket) = &bucket {
        // The tries that are under way are counted as failed until they are judged.
        let under_way = crowd.as_ref().is_some_and(|crowd| !crowd.is_alone());
        look(app, bucket, if under_way { FREE } else { 0 }, now).await?;
    }

    let place = app.passwords.admit().map_err(|busy| {
        let guessing = crowd.as_ref().is_some_and(|crowd| crowd.is_guessing(FREE));
        match guessing {
            true => AccountError::TooOften(TooOften::after(FIRST)),
            false => busy.into(),
        }
    })?;
    let neighbours = network.as_ref().map(Network::join);
    let _turns = (turn(crowd.as_ref()).await, turn(neighbours.as_ref()).await);
    // Those who had their turn before may have got it wrong.
    let now = app.clock.now();
    if let Some(network) = &network {
        network.look(now).await?;
    }
    let counted = match &bucket {
        Some(bucket) => Some(charge(app, bucket, now).await?),
        None => None,
    };

    let stored = typed.user.and_then(|user| user.password_hash.as_deref());
    let verdict = app
        .passwords
        .verify_in(place, typed.password, stored)
        .await?;
    let now = app.clock.now();
    if verdict == Verdict::Wrong || !typed.user.is_some_and(|user| may_know(user, now)) {
        failed(app, typed, browser, (counted, network.as_ref()), now).await?;
        return Err(AccountError::NotRecognised);
    }
    if let Some(bucket) = &bucket {
        failure_counter::clear(&app.db.write, bucket).await?;
    }
    if let Some(crowd) = &crowd {
        crowd.was_right();
    }
    Ok(Right {
        weak: verdict == Verdict::RightButWeak,
    })
}

/// Compares a password that was right a moment ago with the hash that is there meanwhile. Nothing is
/// counted: whoever comes here has not guessed.
pub(in crate::accounts) async fn is_still_right(
    app: &App,
    password: &str,
    stored: Option<&str>,
) -> Result<bool, AccountError> {
    Ok(app.passwords.verify(password, stored).await? != Verdict::Wrong)
}

/// Whether it is told at all. Somebody who leaves is disabled too, but may come back by the password.
fn may_know(user: &user::Model, now: DateTime<Utc>) -> bool {
    user.disabled_at.is_none() || user.is_leaving(now)
}

/// Forgets what strangers got wrong: the password is another one now.
pub(in crate::accounts) async fn clear(
    app: &App,
    tx: &impl sea_orm::ConnectionTrait,
    user: &user::Model,
) -> Result<(), DbErr> {
    failure_counter::clear(tx, &of_strangers(app, &user.email)).await
}

fn of_strangers(app: &App, address: &str) -> Digest {
    app.secrets.limited(&["password/account", address])
}

/// With the hash, so that a new password begins anew in every browser that knows its owner.
fn of_device(app: &App, address: &str, user: &user::Model, device: &str) -> Digest {
    let hash = user.password_hash.as_deref().unwrap_or_default();
    app.secrets
        .limited(&["password/device", address, device, hash])
}

/// The browser, if its owner has signed in there. For nobody the same is looked up in vain.
pub(super) async fn is_known<'a>(
    app: &App,
    user: Option<&user::Model>,
    browser: &'a Browser,
) -> Result<Option<&'a str>, DbErr> {
    let Some(device) = browser.device.as_deref() else {
        return Ok(None);
    };
    let id = user.map_or(Uuid::nil(), |user| user.id);
    let since = app.clock.now() - KNOWN;
    let known = known_device::is_known(&app.db.read, device, id, since).await?;
    Ok(known.then_some(device))
}

async fn turn<'a>(member: Option<&'a Member<'_>>) -> Option<tokio::sync::SemaphorePermit<'a>> {
    match member {
        Some(member) => member.turn().await,
        None => None,
    }
}

/// Whether one may be tried now, as far as more than `free` failures say so.
async fn look(
    app: &App,
    bucket: &Digest,
    free: usize,
    now: DateTime<Utc>,
) -> Result<(), AccountError> {
    let found = failure_counter::find(&app.db.read, bucket).await?;
    let found = found.filter(|row| usize::try_from(row.failures).is_ok_and(|own| own > free));
    match found.and_then(|row| row.wait(now, LONGEST)) {
        Some(left) => Err(AccountError::TooOften(TooOften::after(left))),
        None => Ok(()),
    }
}

/// Counts one as failed. Answers how many have failed in a row, this one included.
async fn charge(app: &App, bucket: &Digest, now: DateTime<Utc>) -> Result<i32, AccountError> {
    let until = (now, now + FORGOTTEN);
    let counted =
        failure_counter::charge(&app.db.write, bucket.clone(), &ladder(now), until).await?;
    if let Some(row) = counted {
        return Ok(row.failures);
    }
    look(app, bucket, 0, now).await?;
    // Somebody was right since.
    Err(AccountError::TooOften(TooOften::after(FIRST)))
}

/// Until when nobody may try again after so many failures in a row.
fn ladder(now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    // Not `now`: who asked a moment before, and is counted a moment after, does not wait either.
    let free = std::iter::repeat_n(DateTime::UNIX_EPOCH, FREE - 1);
    let steps = std::iter::successors(Some(FIRST), |wait| Some(*wait * 2));
    let steps = steps.take_while(|wait| *wait < LONGEST).chain([LONGEST]);
    free.chain(steps.map(|wait| now + wait)).collect()
}

/// Writes down what went wrong: for somebody and for nobody alike, or the time would tell which.
async fn failed(
    app: &App,
    typed: Typed<'_>,
    browser: &Browser,
    (counted, network): (Option<i32>, Option<&Network<'_>>),
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let about = || browser.about(typed.user.map(|user| user.id));
    let tx = app.db.begin().await?;
    events::record(&tx, EventKind::SignInFailed, about(), now).await?;
    if counted == i32::try_from(FREE).ok() {
        events::record(&tx, EventKind::SignInHeldUp, about(), now).await?;
    }
    if let Some(network) = network {
        network.failed(&tx, typed.address, now).await?;
    }
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_has_ten_free_steps_and_ends_at_a_quarter_of_an_hour() {
        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap_or_default();
        let waits: Vec<i64> = ladder(now)
            .into_iter()
            .map(|until| (until - now).num_seconds().max(0))
            .collect();
        let free = vec![0; 9];
        let steps = vec![1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900];
        assert_eq!(waits, [free, steps].concat());
    }
}
