//! Somebody who was identified: why they came, and how what the provider said of them waits, sealed,
//! until they have a place here.

use chrono::TimeDelta;
use entity::upstream_arrival;
use sea_orm::{ConnectionTrait, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Here, Identity, UpstreamError, link::Whose, tokens::Tokens};
use crate::{
    app::App,
    crypto::{
        seal::Purpose,
        secret::{Minted, SecretKind},
    },
};

/// Somebody who was identified, and why they came.
#[derive(Debug)]
pub(super) struct Arriving {
    pub identity: Identity,
    pub tokens: Tokens,
    pub whose: Whose,
    pub flow: Option<String>,
}

/// What of them is kept, sealed, until they have a place.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    pub identity: Identity,
    pub tokens: Tokens,
}

/// How long somebody may take.
const LIFE: TimeDelta = TimeDelta::minutes(30);

/// Keeps somebody, for whom `owner` or a proven address is missing.
pub(super) async fn keep(
    app: &App,
    tx: &impl ConnectionTrait,
    arriving: &Arriving,
    (here, owner): (Here<'_>, Option<Uuid>),
) -> Result<Minted, UpstreamError> {
    let identity = &arriving.identity;
    let kept = Kept {
        identity: identity.clone(),
        tokens: arriving.tokens.clone(),
    };
    let secret = app.secrets.mint(SecretKind::UpstreamArrival);
    let json = serde_json::to_vec(&kept).map_err(anyhow::Error::from)?;
    let place = place(&secret.digest.0);
    let now = app.clock.now();
    let row = upstream_arrival::ActiveModel {
        token: Set(secret.digest.clone()),
        provider: Set(identity.provider.clone()),
        issuer: Set(identity.issuer.clone()),
        subject: Set(identity.subject.clone()),
        visitor: Set(here.visitor.to_owned()),
        user_id: Set(owner),
        email: Set(None),
        code: Set(None),
        tries: Set(0),
        payload: Set(app.sealer.seal(Purpose::UpstreamArrival, &place, &json)),
        flow: Set(arriving.flow.clone()),
        created_at: Set(now),
        expires_at: Set(now + LIFE),
    };
    upstream_arrival::add(tx, row).await?;
    Ok(secret)
}

/// What was kept, if it can be opened.
pub(super) fn opened(app: &App, row: &upstream_arrival::Model) -> Option<Kept> {
    let place = place(&row.token.0);
    let json = app
        .sealer
        .open(Purpose::UpstreamArrival, &place, &row.payload);
    serde_json::from_slice(&json.ok()?).ok()
}

fn place(token: &str) -> String {
    format!("upstream_arrival|payload|{token}")
}
