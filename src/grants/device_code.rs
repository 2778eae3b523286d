//! `urn:ietf:params:oauth:grant-type:device_code` (RFC 8628 §3.4, §3.5): what a person allowed a
//! device, once; until then, how the device is to wait.

use chrono::TimeDelta;
use entity::{
    client, consent,
    device_code::{self as table, Model},
    session, token_family,
    value::Digest,
};
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, Set};

use super::{GrantError, family, person};
use crate::{
    app::App,
    crypto::secret::SecretKind,
    oauth::error::{ErrorCode, OauthError},
    tokens::{
        grant::{Grant, SignIn},
        issue::{self, TokenAnswer},
        resource,
        sender::Sender,
    },
};

/// The code for which a person answers on another device.
#[derive(Debug, Object)]
pub struct DeviceCode {
    /// The `device_code` that the device authorization endpoint answered.
    pub device_code: String,
    /// What the access token is for, of what was granted (RFC 8707 §2.2); may be repeated.
    pub resource: Option<Vec<String>>,
}

/// How much too early a poll may come: the way here is not always equally long.
const EARLY: TimeDelta = TimeDelta::milliseconds(500);

/// One refusal for every reason, so that somebody else's code teaches nothing.
fn refused() -> GrantError {
    OauthError::invalid_grant("the device code is wrong or used, or what was allowed has ended")
        .into()
}

pub(super) async fn answer(
    app: &App,
    client: &client::Model,
    sender: &Sender,
    request: DeviceCode,
) -> Result<TokenAnswer, GrantError> {
    let presented = app
        .secrets
        .digest(SecretKind::DeviceCode, &request.device_code);
    let code = presented.ok_or_else(refused)?;
    let tx = app.db.begin().await?;
    let now = app.clock.now();
    let Some(row) = table::consume(&tx, client.id, &code, now).await? else {
        let wait = waiting(app, &tx, client, &code).await?;
        tx.commit().await?;
        return Err(wait.into());
    };
    // Whoever is refused from here on takes the transaction back with them: the code is untouched.
    let (Some(user_id), Some(session_id), Some(auth_time)) =
        (row.user_id, row.session_id, row.auth_time)
    else {
        return Err(refused());
    };
    let user = person(&tx, user_id).await?;
    if !session::is_live(&tx, session_id, now).await? {
        return Err(refused());
    }
    // What was allowed may have been taken back since.
    let allowed = consent::find(&tx, user.id, client.id).await?;
    let others = resource::of_others(app, &row.resources.0);
    if !allowed.is_some_and(|allowed| allowed.covers(&row.scope, &others)) {
        return Err(refused());
    }
    let named = request.resource.iter().flatten();
    let resources = resource::of_answer(app, &tx, &row.resources.0, named).await??;
    let given = token_family::ActiveModel {
        id: Set(app.new_id()),
        client_id: Set(client.id),
        user_id: Set(user.id),
        session_id: Set(session_id),
        claims: Set(None),
        resources: Set(row.resources.clone()),
        confirmation: Set(sender.lasting(client).cloned()),
        auth_time: Set(auth_time),
        amr: Set(row.amr.unwrap_or_default()),
        acr: Set(row.acr.unwrap_or_default()),
        ..Default::default()
    };
    let family = family::start(app, &tx, &row.scope, given).await?;
    let family = family.ok_or_else(refused)?;
    let refresh = family::first_refresh_token(app, &tx, client, &family).await?;
    tx.commit().await?;
    let grant = Grant {
        client,
        user: &user,
        sign_in: SignIn::from(&family),
        scope: &family.scope,
        nonce: None,
        claims: None,
        resources: &resources,
        confirmation: sender.confirmation.as_ref(),
        only_id_token: false,
    };
    let refresh = refresh.map(|minted| minted.expose().to_owned());
    Ok(issue::for_person(app, grant, family.id, refresh)?)
}

/// What a device is told that gets nothing (§3.5). What has ended stays as it ended, whenever it asks.
async fn waiting(
    app: &App,
    tx: &impl ConnectionTrait,
    client: &client::Model,
    code: &Digest,
) -> Result<OauthError, GrantError> {
    let now = app.clock.now();
    // Another client's code is as good as none.
    let row = table::of_client(tx, client.id, code).await?;
    let row = row.filter(|row| row.consumed_at.is_none());
    let row = row.ok_or_else(refused)?;
    let told = |code, why: &str| Ok(OauthError::new(code, why));
    match row {
        Model {
            denied_at: Some(_), ..
        } => told(ErrorCode::AccessDenied, "the person refused"),
        row if row.expires_at <= now => {
            told(ErrorCode::ExpiredToken, "the device code has expired")
        }
        row if table::polled_in_time(tx, &row, EARLY, now).await? => {
            told(ErrorCode::AuthorizationPending, "nobody has answered yet")
        }
        row => {
            table::slow_down(tx, row.id, now).await?;
            told(
                ErrorCode::SlowDown,
                "wait five seconds longer between polls",
            )
        }
    }
}
