//! Pushed requests at rest (RFC 9126): kept encrypted under a digest of their name, and found again
//! by it for their own client.

use chrono::TimeDelta;
use entity::{client, pushed_request};
use poem_openapi::Object;
use sea_orm::{DbErr, Set};
use uuid::Uuid;

use crate::{
    app::App,
    crypto::{seal::Purpose, secret::SecretKind},
    oauth::{
        error::{ErrorCode, OauthError},
        params::Params,
    },
};

/// What the browser is to be sent with (RFC 9126 §2.2).
#[derive(Debug, Object)]
pub struct Pushed {
    /// The `request_uri` of the authorization request, good for one sign-in.
    pub request_uri: String,
    /// Seconds within which the browser must come.
    pub expires_in: i64,
}

/// RFC 9126 §2.2.
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// A client sends the browser at once (FAPI 2.0 §5.3.2.2 allows ten minutes).
const LIFE: TimeDelta = TimeDelta::seconds(60);

/// The longest request that is kept, in bytes of its query.
const LONGEST: usize = 16 * 1024;

/// The request as it is kept, if it is of a size that any request has use for.
pub(super) fn kept_as(params: &Params) -> Result<String, OauthError> {
    if params.are_too_many() {
        return Err(OauthError::invalid_request("there are too many parameters"));
    }
    let query = params.to_query();
    match query.len() <= LONGEST {
        true => Ok(query),
        false => Err(OauthError::invalid_request("the request is too long")),
    }
}

/// Keeps a request; none if its client has gone a moment ago.
pub(super) async fn keep(
    app: &App,
    client: &client::Model,
    query: &str,
) -> Result<Option<Pushed>, DbErr> {
    let (id, now) = (app.new_id(), app.clock.now());
    let minted = app.secrets.mint(SecretKind::PushedRequest);
    let sealed = app
        .sealer
        .seal(Purpose::PushedRequest, &place(id), query.as_bytes());
    let row = pushed_request::ActiveModel {
        id: Set(id),
        request_uri: Set(minted.digest.clone()),
        client_id: Set(client.id),
        request: Set(sealed),
        created_at: Set(now),
        expires_at: Set(now + LIFE),
        consumed_at: Set(None),
    };
    let kept = pushed_request::add(&app.db.write, row).await?;
    Ok(kept.then(|| Pushed {
        request_uri: format!("{PREFIX}{}", minted.expose()),
        expires_in: LIFE.num_seconds(),
    }))
}

/// Whether a `request_uri` names something that was pushed, here or elsewhere.
pub(super) fn is_one(request_uri: &str) -> bool {
    request_uri.starts_with(PREFIX)
}

/// The row and the parameters of what this client pushed under that name. It is only looked at: a
/// browser may load the page twice, or a program the link before the person does (FAPI 2.0 §5.3.2.2
/// note).
pub(super) async fn find(
    app: &App,
    client: &client::Model,
    request_uri: &str,
) -> anyhow::Result<Result<(Uuid, Params), OauthError>> {
    let secret = request_uri
        .strip_prefix(PREFIX)
        .filter(|_| app.config.features.pushed_requests);
    let digest = secret.and_then(|secret| app.secrets.digest(SecretKind::PushedRequest, secret));
    let Some(digest) = digest else {
        return Ok(Err(gone()));
    };
    let now = app.clock.now();
    let found = pushed_request::live_for(&app.db.read, client.id, &digest, now).await?;
    let Some(row) = found else {
        return Ok(Err(gone()));
    };
    let query = app
        .sealer
        .open(Purpose::PushedRequest, &place(row.id), &row.request)?;
    // What was kept could be read when it was kept.
    let params = Params::parse(&query).map_err(|_| gone());
    Ok(params.map(|params| (row.id, params)))
}

/// One sentence for unknown, expired, used and somebody else's.
fn gone() -> OauthError {
    OauthError::new(
        ErrorCode::InvalidRequestUri,
        "what the application asked for has been answered already, or has expired",
    )
}

/// Where the sealed request stands.
fn place(id: Uuid) -> String {
    format!("pushed_request|request|{id}")
}
