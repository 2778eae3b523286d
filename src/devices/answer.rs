//! The person's side: opening a code, seeing what it is about, and answering it. Only the session that
//! opened a code may answer it, and only the first that came could open it.

use entity::{
    client, consent,
    device_code::{self, ActiveModel, Model},
    session::SignedIn,
    session_client,
    value::{Digest, EventKind, Scope},
};
use sea_orm::{ConnectionTrait, DbErr, Set};

use crate::{
    app::App,
    events::{self, About},
    limits::{self, Limited, TooOften},
    tokens::resource,
};

/// What came of typing a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// It is this session's to answer, or was.
    Opened,
    /// Another session was first.
    InUse,
    /// There is no such code, or not any more.
    Wrong,
    TooOften(TooOften),
}

/// What this session sees of a code that it opened.
#[derive(Clone, Debug)]
pub enum Seen {
    /// It did not open such a code.
    Nothing,
    /// It may answer.
    Waiting(Box<Opened>),
    Approved,
    Denied,
    Expired,
}

/// A code that waits for its answer, and who asks for what.
#[derive(Clone, Debug)]
pub struct Opened {
    pub client: client::Model,
    pub row: Model,
    /// What the person allowed this client before, if anything.
    pub before: Option<Scope>,
    /// The resources of others at which the client will use it.
    pub resources: Vec<String>,
    /// Whether some of these were not allowed before.
    pub elsewhere: bool,
}

/// Opens a code for this session. Wrong ones are counted, and counted first: whoever guesses many at
/// once is held up as if they came one by one (§5.1).
pub async fn open(
    app: &App,
    user_code: &Digest,
    signed_in: &SignedIn,
    ip: Option<&str>,
) -> Result<Opening, DbErr> {
    let (now, db) = (app.clock.now(), &app.db.write);
    let account = signed_in.user.id.to_string();
    let address = limits::network(ip);
    let counted = [
        (Limited::UserCodeByAccount, account.as_str()),
        (Limited::UserCodeByAddress, address.as_str()),
    ];
    for one in counted {
        if let Err(too_often) =
            limits::take(&app.db, (&app.secrets, &app.config.limits), one, now).await?
        {
            return Ok(Opening::TooOften(too_often));
        }
    }
    let session_id = signed_in.session.id;
    let opened = device_code::open(db, user_code, session_id, now)
        .await?
        .is_some();
    let found = match opened {
        true => None,
        false => device_code::by_user_code(&app.db.read, user_code).await?,
    };
    let opening = match found {
        None if opened => Opening::Opened,
        None => Opening::Wrong,
        // It may have been answered or have expired meanwhile; the page says which.
        Some(row) if row.opened_by == Some(session_id) => Opening::Opened,
        Some(row) if row.expires_at <= now => Opening::Wrong,
        Some(_) => Opening::InUse,
    };
    if opening == Opening::Opened {
        for one in counted {
            limits::give_back(db, &app.secrets, one, now).await?;
        }
    }
    Ok(opening)
}

/// What this session sees of a code. Changes nothing, and tells nothing about a code that another
/// session or nobody opened.
pub async fn seen(app: &App, user_code: &Digest, signed_in: &SignedIn) -> Result<Seen, DbErr> {
    let db = &app.db.read;
    let Some(row) = device_code::opened_in(db, user_code, signed_in.session.id).await? else {
        return Ok(Seen::Nothing);
    };
    if row.approved_at.is_some() {
        return Ok(Seen::Approved);
    }
    if row.denied_at.is_some() {
        return Ok(Seen::Denied);
    }
    // What the client may not have any more is not asked for.
    let client = client::find(db, row.client_id)
        .await?
        .filter(|client| client.disabled_at.is_none() && row.scope.is_within(&client.scope));
    let Some(client) = client.filter(|_| row.expires_at > app.clock.now()) else {
        return Ok(Seen::Expired);
    };
    let known = consent::find(db, signed_in.user.id, client.id).await?;
    let resources = resource::of_others(app, &row.resources.0);
    Ok(Seen::Waiting(Box::new(Opened {
        client,
        row,
        elsewhere: known
            .as_ref()
            .is_some_and(|known| !known.covers(&known.scope, &resources)),
        before: known.map(|known| known.scope),
        resources,
    })))
}

/// The person allows the device. Binds the code to them, to this session and to how they signed in.
/// Nothing happens to a code that this session did not open, or that is answered or has expired.
pub async fn approve(app: &App, user_code: &Digest, signed_in: &SignedIn) -> Result<(), DbErr> {
    let SignedIn { session, user } = signed_in;
    let now = app.clock.now();
    let answer = ActiveModel {
        user_id: Set(Some(user.id)),
        session_id: Set(Some(session.id)),
        auth_time: Set(Some(session.auth_time)),
        amr: Set(Some(session.amr.clone())),
        acr: Set(Some(session.acr.clone())),
        approved_at: Set(Some(now)),
        ..Default::default()
    };
    let tx = app.db.begin().await?;
    let Some(row) = device_code::answer(&tx, user_code, session.id, answer, now).await? else {
        return Ok(());
    };
    // The session or the client may have gone a moment ago.
    if !session_client::note(&tx, session.id, row.client_id).await? {
        return Ok(());
    }
    let client = client::find(&tx, row.client_id).await?;
    if !client
        .is_some_and(|client| client.disabled_at.is_none() && row.scope.is_within(&client.scope))
    {
        return Ok(());
    }
    remember(app, &tx, &row, signed_in).await?;
    // A person came from it, so it is a client to be kept.
    client::mark_used(&tx, row.client_id, now).await?;
    let about = About::by(signed_in).and_client(row.client_id);
    events::record(&tx, EventKind::DeviceApproved, about, now).await?;
    tx.commit().await
}

/// The person refuses the device.
pub async fn deny(app: &App, user_code: &Digest, signed_in: &SignedIn) -> Result<(), DbErr> {
    let (now, session_id) = (app.clock.now(), signed_in.session.id);
    let answer = ActiveModel {
        user_id: Set(Some(signed_in.user.id)),
        session_id: Set(Some(session_id)),
        denied_at: Set(Some(now)),
        ..Default::default()
    };
    let tx = app.db.begin().await?;
    let Some(row) = device_code::answer(&tx, user_code, session_id, answer, now).await? else {
        return Ok(());
    };
    let about = About::by(signed_in).and_client(row.client_id);
    events::record(&tx, EventKind::ConsentDenied, about, now).await?;
    tx.commit().await
}

/// Remembers what was allowed, together with what had been allowed before, so that the person sees it
/// in their account and can take it back.
async fn remember(
    app: &App,
    tx: &impl ConnectionTrait,
    row: &Model,
    signed_in: &SignedIn,
) -> Result<(), DbErr> {
    let (user_id, client_id) = (signed_in.user.id, row.client_id);
    let now = app.clock.now();
    let others = resource::of_others(app, &row.resources.0);
    let asked = (&row.scope, others.as_slice());
    if !consent::widen(tx, (user_id, client_id), asked, now).await? {
        return Ok(());
    }
    let about = About::by(signed_in).and_client(client_id);
    events::record(tx, EventKind::ConsentGranted, about, now).await
}
