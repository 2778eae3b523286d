//! Sessions: which browser is signed in as whom. Knows the secret in the cookie, not the cookie.
//! However a session ends, the clients that learned of it are told.

pub mod browser;
pub mod notice;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    authorization_code, client, db, device_code, known_device, session, token_family, user,
    value::{Amr, EventKind},
};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, Set};
use uuid::Uuid;

pub use browser::Browser;
pub use entity::session::SignedIn;

use crate::{
    app::App,
    crypto::secret::{Minted, SecretKind},
    events::{self, About},
    oauth::acr,
};

/// A session is written to at most this often when it is used.
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);

/// So many browsers may be signed in as one person. One more ends the one that was used longest ago.
const MOST: u64 = 100;

/// How and when a person proved who they are. Every token of the session says so.
#[derive(Clone, Copy, Debug)]
pub struct Proof {
    pub at: DateTime<Utc>,
    /// RFC 8176.
    pub amr: &'static [&'static str],
    pub acr: &'static str,
}

impl Proof {
    /// A password that was right at `at`.
    pub fn password(at: DateTime<Utc>) -> Self {
        Self {
            at,
            amr: &["pwd"],
            acr: acr::PASSWORD,
        }
    }

    /// The word of a provider, given at `at`. RFC 8176 has no name for that, and how the person proved
    /// it there we do not know, so nothing is said of it.
    pub fn provider(at: DateTime<Utc>) -> Self {
        Self {
            at,
            amr: &[],
            acr: acr::PROVIDER,
        }
    }
}

/// A session that is no more.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    pub sid: Uuid,
    /// The clients that had learned of it.
    pub clients: Vec<client::Model>,
}

/// The live session of a cookie's value, moved on in its idle time.
pub async fn find(app: &App, cookie: &str) -> Result<Option<SignedIn>, DbErr> {
    let Some(digest) = app.secrets.digest(SecretKind::Session, cookie) else {
        return Ok(None);
    };
    let now = app.clock.now();
    let Some(signed_in) = session::live(&app.db.read, &digest, now).await? else {
        return Ok(None);
    };
    let session = &signed_in.session;
    if now - session.last_seen >= TOUCH_EVERY {
        let expires = session.ends_at.min(now + app.config.sessions.idle());
        session::touch(&app.db.write, session.id, expires, now).await?;
    }
    Ok(Some(signed_in))
}

/// Starts a session after a person proved who they are. The cookie's value is always new. The
/// session keeps its id (`sid`) only if the same person was signed in here before; somebody else's
/// session ends first.
pub async fn start(
    app: &App,
    tx: &impl ConnectionTrait,
    (user, proof): (user::Model, Proof),
    before: Option<&SignedIn>,
    browser: &Browser,
) -> Result<(Minted, SignedIn), DbErr> {
    let now = app.clock.now();
    let minted = app.secrets.mint(SecretKind::Session);
    let ends_at = now + app.config.sessions.absolute();
    let row = session::ActiveModel {
        user_id: Set(user.id),
        expires: Set(ends_at.min(now + app.config.sessions.idle())),
        session_token: Set(minted.digest.clone()),
        ends_at: Set(ends_at),
        auth_time: Set(proof.at),
        amr: Set(Amr(proof.amr.iter().map(|&way| way.to_owned()).collect())),
        acr: Set(proof.acr.to_owned()),
        ip: Set(browser.ip.clone()),
        user_agent: Set(browser.user_agent.clone()),
        last_seen: Set(now),
        ..Default::default()
    };
    let session = match before {
        Some(own) if own.user.id == user.id => {
            session::renew(tx, own.session.id, row.clone()).await?
        }
        Some(other) => {
            let (user_id, id) = (other.user.id, other.session.id);
            end(app, tx, user_id, id, EventKind::SignedOut).await?;
            None
        }
        None => None,
    };
    let session = match session {
        Some(renewed) => renewed,
        // None was there, or it was ended while the password was being checked.
        None => {
            let id = Set(app.new_id());
            let created_at = Set(now);
            session::ActiveModel {
                id,
                created_at,
                ..row
            }
            .insert(tx)
            .await?
        }
    };
    for id in session::beyond(tx, (user.id, session.id), MOST, now).await? {
        end(app, tx, user.id, id, EventKind::SessionRevoked).await?;
    }
    if let Some(device) = &browser.device {
        known_device::remember(tx, device, user.id, now).await?;
    }
    let about = browser.about(Some(user.id));
    events::record(tx, EventKind::SignedIn, about, now).await?;
    Ok((minted, SignedIn { session, user }))
}

/// Whether the person has proven lately enough who they are to change what guards the account.
pub fn is_fresh(app: &App, signed_in: &SignedIn) -> bool {
    app.clock.now() - signed_in.session.auth_time < app.config.sessions.fresh()
}

/// Gives the session's cookie a new value, and says of the sign-in what was true before. None if the
/// session has ended.
pub async fn turn(
    app: &App,
    tx: &impl ConnectionTrait,
    signed_in: &SignedIn,
) -> Result<Option<Minted>, DbErr> {
    let minted = app.secrets.mint(SecretKind::Session);
    let row = session::ActiveModel {
        session_token: Set(minted.digest.clone()),
        ..Default::default()
    };
    let turned = session::renew(tx, signed_in.session.id, row).await?;
    Ok(turned.map(|_| minted))
}

/// Ends one session of `user_id` with everything that lives only as long as it does.
pub async fn end(
    app: &App,
    tx: &impl ConnectionTrait,
    user_id: Uuid,
    id: Uuid,
    why: EventKind,
) -> Result<Option<Ended>, DbErr> {
    let now = app.clock.now();
    // Who learned of it stands in rows that end with it.
    let held = session::hold(tx, user_id, Some(id), None).await?;
    let told = notice::post(app, tx, user_id, &held).await?;
    let Some(ended) = session::end_for(tx, user_id, id).await? else {
        return Ok(None);
    };
    token_family::revoke_sessions(tx, &[id], now).await?;
    events::record(tx, why, About::in_session(&ended), now).await?;
    Ok(Some(Ended {
        sid: id,
        clients: told.into_iter().map(|(_, client)| client).collect(),
    }))
}

/// Ends every session of `user_id`, save `except`.
pub async fn end_all(
    app: &App,
    tx: &impl ConnectionTrait,
    user_id: Uuid,
    except: Option<Uuid>,
) -> Result<usize, DbErr> {
    let now = app.clock.now();
    let held = session::hold(tx, user_id, None, except).await?;
    notice::post(app, tx, user_id, &held).await?;
    let ended = session::end_all_for(tx, user_id, except).await?;
    if !ended.is_empty() {
        token_family::revoke_sessions(tx, &ended, now).await?;
        events::record(tx, EventKind::SessionRevoked, About::user(user_id), now).await?;
    }
    Ok(ended.len())
}

/// Ends one session of `user_id` from afar. Somebody else's id is the same as one that is none.
pub async fn revoke(app: &App, user_id: Uuid, id: Uuid) -> Result<bool, DbErr> {
    let tx = app.db.begin().await?;
    let ended = end(app, &tx, user_id, id, EventKind::SessionRevoked).await?;
    tx.commit().await?;
    app.notices.notify_one();
    Ok(ended.is_some())
}

/// Ends every session of the person but this one, and every refresh token: what was allowed offline
/// outlives its session, and nobody can tell in which browser it lies.
pub async fn revoke_others(app: &App, signed_in: &SignedIn) -> Result<usize, DbErr> {
    revoke_all(app, signed_in.user.id, Some(signed_in.session.id)).await
}

/// The same, this session included if there is no `except`.
pub async fn revoke_all(app: &App, user_id: Uuid, except: Option<Uuid>) -> Result<usize, DbErr> {
    let ended = db::unless_conflict(|| revoke_once(app, user_id, except)).await?;
    app.notices.notify_one();
    Ok(ended)
}

async fn revoke_once(app: &App, user_id: Uuid, except: Option<Uuid>) -> Result<usize, DbErr> {
    let tx = app.db.begin().await?;
    let ended = end_everything(app, &tx, user_id, except).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Ends every session but `except`, and every code, device that was answered for, and refresh token. In
/// this order: whoever redeems a code at this moment is waited for, and what they got ends as well.
pub async fn end_everything(
    app: &App,
    tx: &impl ConnectionTrait,
    user_id: Uuid,
    except: Option<Uuid>,
) -> Result<usize, DbErr> {
    let ended = end_all(app, tx, user_id, except).await?;
    authorization_code::forget_user(tx, user_id).await?;
    device_code::forget_user(tx, user_id).await?;
    token_family::revoke_user(tx, user_id, app.clock.now()).await?;
    Ok(ended)
}

/// Signs a browser out. None if the session had ended at the same moment.
pub async fn sign_out(app: &App, signed_in: &SignedIn) -> Result<Option<Ended>, DbErr> {
    let tx = app.db.begin().await?;
    let (user_id, id) = (signed_in.user.id, signed_in.session.id);
    let ended = end(app, &tx, user_id, id, EventKind::SignedOut).await?;
    tx.commit().await?;
    app.notices.notify_one();
    Ok(ended)
}
