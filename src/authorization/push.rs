//! Pushing an authorization request (RFC 9126): a client leaves it with us and gets a name for it,
//! with which it sends a browser. It is checked when it comes and once more when it is used.

use entity::client;
use sea_orm::DbErr;

use super::{
    Checks, Stop,
    pushed::{self, Pushed},
    source,
};
use crate::{
    app::App,
    limits::{self, Limited, TooOften},
    oauth::{error::OauthError, params::Params},
};

/// With these the client proves who it is; they are no part of its request.
const CREDENTIALS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// Why a request is not kept.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    #[error(transparent)]
    Refused(#[from] OauthError),
    #[error("too many requests are pushed from this address")]
    TooOften(TooOften),
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<DbErr> for PushError {
    fn from(error: DbErr) -> Self {
        Self::Unexpected(error.into())
    }
}

/// Takes the request of an authenticated client, from this address. `proven` is the thumbprint of the key of which the
/// client sent a proof along.
pub async fn push(
    app: &App,
    client: client::Model,
    form: &Params,
    (proven, ip): (Option<&str>, Option<&str>),
) -> Result<Pushed, PushError> {
    // RFC 9126 §2.1.
    if form.raw("request_uri").is_some() {
        let why = "a request_uri cannot be pushed";
        return Err(OauthError::invalid_request(why).into());
    }
    let mut asked = source::assembled(app, client, &own(form)).await?;
    agree(form, proven)?;
    agree(&asked.params, proven)?;
    // RFC 9449 §10.1: the key of the proof is the one to which the code will be bound.
    if let Some(jkt) = proven {
        asked.params = asked
            .params
            .under([("dpop_jkt", jkt)].into_iter().collect());
    }
    // Nobody's visitor: the browser that will come is not known yet.
    if let Err(Stop::Show(error) | Stop::Answer(_, error)) =
        Checks::examine(app, &asked, "").await?
    {
        return Err(error.into());
    }
    let query = pushed::kept_as(&asked.params)?;
    // Anybody can say that they are a public client, and each request is a row.
    if asked.client.is_public() {
        let by = (&app.secrets, &app.config.limits);
        limits::take_from(&app.db, by, (Limited::PushByAddress, ip), app.clock.now())
            .await?
            .map_err(PushError::TooOften)?;
    }
    let kept = pushed::keep(app, &asked.client, &query).await?;
    Ok(kept.ok_or_else(OauthError::invalid_client)?)
}

/// What of a form is the request: the request object alone if there is one (RFC 9126 §3).
fn own(form: &Params) -> Params {
    let whole = form.clone().without(&CREDENTIALS);
    let Some(object) = form.raw("request") else {
        return whole;
    };
    let id = form.get("client_id").map(|id| ("client_id", id));
    id.into_iter().chain([("request", object)]).collect()
}

/// RFC 9449 §10.1: the key that is named and the key of the proof are the same.
fn agree(params: &Params, proven: Option<&str>) -> Result<(), OauthError> {
    match (params.get("dpop_jkt"), proven) {
        (Some(named), Some(proven)) if named != proven => Err(OauthError::invalid_dpop_proof(
            "the proof is not by the key that dpop_jkt names",
        )),
        _ => Ok(()),
    }
}
