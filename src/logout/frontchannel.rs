//! Telling clients through the browser that somebody signed out of it (OpenID Connect Front-Channel
//! Logout 1.0): which frames a page must hold, and where the browser goes on afterwards. Between the
//! sign-out and the page both are sealed into the page's address.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{client, value::ApplicationType};
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::with_query;
use crate::{app::App, crypto::seal::Purpose, oauth::redirect_uri, sessions::Ended};

/// More frames than this in one page would keep the browser from going on.
const MOST: usize = 50;

/// How long the page's address is good: for as long as somebody may look at the page.
const LIFE: TimeDelta = TimeDelta::minutes(10);

/// A page that tells clients.
#[derive(Debug)]
pub struct Telling {
    pub frames: Vec<Frame>,
    /// Where the browser goes on: a page of ours, or an address that was proven to be the client's.
    pub to: String,
}

/// One client to be told.
#[derive(Debug)]
pub struct Frame {
    pub client_name: String,
    /// Its address with `iss` and `sid` (§2).
    pub url: String,
    /// What a page's policy must allow for it.
    pub source: String,
}

/// What is sealed. By reference, so that the address stays short and what a client has registered
/// since is what counts.
#[derive(Debug, Serialize, Deserialize)]
struct Sealed {
    clients: Vec<Uuid>,
    sid: Uuid,
    to: String,
    /// The digest of the visitor cookie: nobody else's browser is shown the page.
    browser: String,
    until: DateTime<Utc>,
}

/// Seals who is to be told that a session of `browser` has ended, and where to go on; none if
/// nobody is.
pub(super) fn seal(
    app: &App,
    ended: &Ended,
    browser: &str,
    to: &str,
) -> anyhow::Result<Option<String>> {
    let mut clients = Vec::new();
    if app.config.features.frontchannel_logout {
        let told = ended.clients.iter().filter(|client| uri(client).is_some());
        clients.extend(told.map(|client| client.id).take(MOST));
    }
    if clients.is_empty() {
        return Ok(None);
    }
    let sealed = Sealed {
        clients,
        sid: ended.sid,
        to: to.to_owned(),
        browser: browser.to_owned(),
        until: app.clock.now() + LIFE,
    };
    Ok(Some(app.sealer.wrap(Purpose::Onward, &sealed)?))
}

/// What the page of this address shows in `browser`; none if it is not one of ours, too old, or
/// another browser's.
pub async fn open(app: &App, sealed: &str, browser: &str) -> Result<Option<Telling>, DbErr> {
    let Ok(sealed) = app.sealer.unwrap::<Sealed>(Purpose::Onward, sealed) else {
        return Ok(None);
    };
    if sealed.browser != browser || sealed.until < app.clock.now() {
        return Ok(None);
    }
    let mut frames = Vec::new();
    if app.config.features.frontchannel_logout {
        let clients = client::enabled_among(&app.db.read, &sealed.clients).await?;
        let issuer = app.config.server.issuer.as_str();
        let sid = sealed.sid.to_string();
        frames.extend(clients.iter().filter_map(|client| {
            let uri = uri(client)?;
            Some(Frame {
                client_name: client.client_name.clone(),
                // §2: always both, which whoever did not ask for them may ignore.
                url: with_query(uri, &[("iss", issuer), ("sid", &sid)]),
                source: redirect_uri::csp_source(uri)?,
            })
        }));
    }
    let to = sealed.to;
    Ok(Some(Telling { frames, to }))
}

/// Where the client is told, if it may be put into a page: not every row came in by our own door,
/// nor while the door was as narrow as today.
fn uri(client: &client::Model) -> Option<&str> {
    let uri = client.metadata.frontchannel_logout_uri.as_deref()?;
    // As a web application's: http or https, whatever the client is, and nothing in the host that
    // would end a policy.
    redirect_uri::check(uri, ApplicationType::Web)
        .is_ok()
        .then_some(uri)
}
