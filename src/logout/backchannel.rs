//! Telling a client directly that a session has ended (OpenID Connect Back-Channel Logout 1.0): the
//! logout token, and what the answer means. When it is tried again is the job's to say.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{client, outbox, value::EventKind};
use sea_orm::DbErr;
use serde_json::{Value, json};

use crate::{
    app::App,
    crypto::{jwt::Typ, secret::random_id},
    events::{self, About},
    fetch::FetchError,
    sessions::notice::{self, Notice},
};

/// The one event of a logout token (§2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// §4: so short that a token that leaks is of no use soon after.
const LIFE: TimeDelta = TimeDelta::minutes(2);

/// How an attempt ended.
#[derive(Debug)]
pub enum Told {
    /// The client has taken it.
    Accepted,
    /// There is nobody to be told any more.
    Nobody,
    /// It may be taken later.
    NotNow(String),
    /// It will never be taken.
    Refused(String),
}

/// Tells the client of a notice once.
pub async fn tell(app: &App, row: &outbox::Model) -> Told {
    let Ok(notice) = notice::open(&app.sealer, row) else {
        return Told::Refused("it was sealed with another root secret".to_owned());
    };
    let client = match recipient(app, row).await {
        Ok(client) => client,
        Err(error) => return Told::NotNow(error.to_string()),
    };
    let Some((client, uri)) = client.and_then(|client| {
        let uri = client.metadata.backchannel_logout_uri.clone()?;
        client.disabled_at.is_none().then_some((client, uri))
    }) else {
        return Told::Nobody;
    };
    let token = match token(app, &client, &notice, app.clock.now()) {
        Ok(token) => token,
        Err(error) => return Told::NotNow(error.to_string()),
    };
    // §2.5: this parameter, and none besides.
    match app.fetch.tell(&uri, &[("logout_token", &token)]).await {
        // §2.8 says 200; frameworks that answer without a body say 204.
        Ok(200 | 204) => Told::Accepted,
        // §2.8: the token was looked at and is not good. Another would not be better.
        Ok(400) => Told::Refused("the client answered 400".to_owned()),
        Ok(status) => Told::NotNow(format!("the client answered {status}")),
        Err(error) => Told::NotNow(why(&error)),
    }
}

/// Records that a client was never told.
pub async fn gave_up(app: &App, row: &outbox::Model) -> Result<(), DbErr> {
    let tx = app.db.begin().await?;
    if outbox::forget(&tx, row).await? {
        let about = About {
            user_id: notice::open(&app.sealer, row).ok().map(|own| own.user_id),
            client_id: row.recipient.parse().ok(),
            ..About::default()
        };
        let now = app.clock.now();
        events::record(&tx, EventKind::LogoutNotDelivered, about, now).await?;
    }
    tx.commit().await
}

async fn recipient(app: &App, row: &outbox::Model) -> Result<Option<client::Model>, DbErr> {
    match row.recipient.parse() {
        Ok(id) => client::find(&app.db.read, id).await,
        Err(_) => Ok(None),
    }
}

/// The logout token (§2.4). Made anew for each attempt: it lives for less than the time between two.
fn token(
    app: &App,
    client: &client::Model,
    notice: &Notice,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    let claims = json!({
        "iss": app.config.server.issuer,
        "aud": client.client_id,
        "iat": now.timestamp(),
        "exp": (now + LIFE).timestamp(),
        "jti": random_id::<16>(),
        "events": { EVENT: Value::Object(Default::default()) },
        "sub": notice.sub,
        "sid": notice.sid,
    });
    // §2.6: with the algorithm of the client's ID tokens.
    let alg = client.id_token_signed_response_alg;
    app.keyring.sign(alg, Typ::LogoutToken, &claims, now)
}

/// With the cause, for the log; no address stands in it.
fn why(error: &FetchError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
