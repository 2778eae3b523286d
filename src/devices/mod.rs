//! Devices that wait for a person to answer on another one (RFC 8628): from the request of the device
//! to the person's answer. What the device gets for it is the business of the grants.

mod answer;

use chrono::TimeDelta;
use entity::{
    client, device_code,
    value::{GrantType, Names},
};
use poem_openapi::Object;
use sea_orm::{DbErr, Set};

pub use answer::{Opened, Opening, Seen, approve, deny, open, seen};

use crate::{
    app::App,
    crypto::secret::SecretKind,
    limits::{self, Limited, TooOften},
    oauth::{
        error::{ErrorCode, OauthError},
        params::Params,
        scope,
    },
    paths,
    tokens::resource,
};

/// How long a person may take. Long enough to find the other device and sign in there, short enough
/// for a code that can be typed (§5.1).
const LIFE: TimeDelta = TimeDelta::minutes(10);

/// Seconds between two polls (§3.2).
const INTERVAL: i32 = 5;

/// How long the device is told what became of its code, after that has ended.
pub const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// More often than that no new user code is one that exists.
const TRIES: usize = 4;

/// The parameters of the device authorization endpoint (§3.1).
#[derive(Debug, Object)]
pub struct DeviceParameters {
    /// The client, unless it authenticates in the header.
    pub client_id: Option<String>,
    /// Words separated by spaces; `openid` for OpenID Connect.
    pub scope: Option<String>,
    /// What the access token is for (RFC 8707 §2); may be repeated.
    pub resource: Option<Vec<String>>,
}

/// The answer of the device authorization endpoint (§3.2).
#[derive(Debug, Object)]
pub struct DeviceAuthorization {
    /// What the device presents at the token endpoint. Not to be shown to anybody.
    pub device_code: String,
    /// What the person types.
    pub user_code: String,
    /// Where they type it.
    pub verification_uri: String,
    /// The same with the code, for a QR code.
    pub verification_uri_complete: String,
    /// Seconds until both codes end.
    pub expires_in: i64,
    /// Seconds that the device waits between two polls.
    pub interval: i32,
}

/// Why a device gets no code.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    #[error(transparent)]
    Refused(#[from] OauthError),
    #[error("too many devices ask from this address")]
    TooOften(TooOften),
    #[error(transparent)]
    Unexpected(#[from] DbErr),
}

/// Starts: gives a device of `client` its codes. Scope and resources are fixed here; nothing that
/// comes later can widen them.
pub async fn authorize(
    app: &App,
    client: &client::Model,
    params: &Params,
    ip: Option<&str>,
) -> Result<DeviceAuthorization, DeviceError> {
    if !client.grant_types.0.contains(&GrantType::DeviceCode) {
        let why = "the client may not use the device flow";
        return Err(OauthError::new(ErrorCode::UnauthorizedClient, why).into());
    }
    let scope = scope::granted(params.get("scope").unwrap_or_default(), &client.scope)?;
    let resources = resource::asked(app, params.all("resource")).await??;
    let now = app.clock.now();
    let by = (&app.secrets, &app.config.limits);
    let limited = (Limited::DeviceAuthorizationByAddress, ip);
    limits::take_from(&app.db, by, limited, now)
        .await?
        .map_err(DeviceError::TooOften)?;
    let device = app.secrets.mint(SecretKind::DeviceCode);
    for _ in 0..TRIES {
        let user = app.secrets.mint_user_code();
        let row = device_code::ActiveModel {
            id: Set(app.new_id()),
            device_code: Set(device.digest.clone()),
            user_code: Set(user.digest),
            client_id: Set(client.id),
            scope: Set(scope.clone()),
            resources: Set(Names(resources.clone())),
            ip: Set(ip.map(str::to_owned)),
            interval: Set(INTERVAL),
            created_at: Set(now),
            expires_at: Set(now + LIFE),
            ..Default::default()
        };
        if device_code::add(&app.db.write, row).await? {
            let page = app.url(paths::DEVICE);
            return Ok(DeviceAuthorization {
                device_code: device.expose().to_owned(),
                verification_uri_complete: format!("{page}?user_code={}", user.shown),
                verification_uri: page,
                user_code: user.shown,
                expires_in: LIFE.num_seconds(),
                interval: INTERVAL,
            });
        }
    }
    Err(DbErr::Custom("no user code is free".to_owned()).into())
}
