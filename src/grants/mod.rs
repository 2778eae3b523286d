//! The grants: what a client may present at the token endpoint, and the steps that all share. A new
//! grant is one file, one variant and one arm.

mod authorization_code;
mod client_credentials;
mod device_code;
mod family;
mod refresh_token;
mod token_exchange;

use entity::{client, user, value::GrantType};
use poem_openapi::Union;
use sea_orm::{ConnectionTrait, DbErr};

pub use authorization_code::AuthorizationCode;
pub use client_credentials::ClientCredentials;
pub use device_code::DeviceCode;
pub use refresh_token::RefreshToken;
pub use token_exchange::TokenExchange;

use crate::{
    app::App,
    oauth::error::{ErrorCode, OauthError},
    tokens::{issue::TokenAnswer, sender::Sender},
};

/// A token request (RFC 6749 §3.2): parser, document and dispatch at once.
#[derive(Debug, Union)]
#[oai(discriminator_name = "grant_type", one_of)]
pub enum TokenRequest {
    #[oai(mapping = "authorization_code")]
    AuthorizationCode(AuthorizationCode),
    #[oai(mapping = "refresh_token")]
    RefreshToken(RefreshToken),
    #[oai(mapping = "client_credentials")]
    ClientCredentials(ClientCredentials),
    #[oai(mapping = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode(DeviceCode),
    #[oai(mapping = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange(TokenExchange),
}

/// Why no token is given.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The client is told.
    #[error(transparent)]
    Refused(#[from] OauthError),
    /// The log is told.
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<DbErr> for GrantError {
    fn from(error: DbErr) -> Self {
        Self::Unexpected(error.into())
    }
}

impl TokenRequest {
    fn grant_type(&self) -> GrantType {
        match self {
            Self::AuthorizationCode(_) => GrantType::AuthorizationCode,
            Self::RefreshToken(_) => GrantType::RefreshToken,
            Self::ClientCredentials(_) => GrantType::ClientCredentials,
            Self::DeviceCode(_) => GrantType::DeviceCode,
            Self::TokenExchange(_) => GrantType::TokenExchange,
        }
    }
}

/// Answers a token request of an authenticated client. What it gives out is bound to the key of its
/// `sender`.
pub async fn answer(
    app: &App,
    client: &client::Model,
    sender: &Sender,
    request: TokenRequest,
) -> Result<TokenAnswer, GrantError> {
    is_spoken(app, request.grant_type())?;
    may_use(client, request.grant_type())?;
    match request {
        TokenRequest::AuthorizationCode(request) => {
            authorization_code::answer(app, client, sender, request).await
        }
        TokenRequest::RefreshToken(request) => {
            refresh_token::answer(app, client, sender, request).await
        }
        TokenRequest::ClientCredentials(request) => {
            client_credentials::answer(app, client, sender, &request).await
        }
        TokenRequest::DeviceCode(request) => {
            device_code::answer(app, client, sender, request).await
        }
        TokenRequest::TokenExchange(request) => {
            token_exchange::answer(app, client, sender, &request).await
        }
    }
}

/// RFC 6749 §5.2 `unsupported_grant_type`: what is switched off is not there for any client.
fn is_spoken(app: &App, grant: GrantType) -> Result<(), OauthError> {
    let on = &app.config.features;
    let off = match grant {
        GrantType::DeviceCode => !on.device_flow,
        GrantType::TokenExchange => !on.token_exchange,
        _ => false,
    };
    if !off {
        return Ok(());
    }
    Err(OauthError::new(
        ErrorCode::UnsupportedGrantType,
        "there is no such grant_type here",
    ))
}

/// RFC 6749 §5.2 `unauthorized_client`: a client uses the grants that it registered, no others.
fn may_use(client: &client::Model, grant: GrantType) -> Result<(), OauthError> {
    // Whoever gets hold of a public client's token could say that they are that client, and have it
    // changed into one for another audience (RFC 9700 §2.3).
    let alone = grant == GrantType::TokenExchange && client.is_public();
    if client.grant_types.0.contains(&grant) && !alone {
        return Ok(());
    }
    Err(OauthError::new(
        ErrorCode::UnauthorizedClient,
        "the client may not use this grant_type",
    ))
}

/// The person of a grant, who must not have been disabled since.
async fn person(db: &impl ConnectionTrait, user_id: uuid::Uuid) -> Result<user::Model, GrantError> {
    user::find(db, user_id)
        .await?
        .filter(|user| user.disabled_at.is_none())
        .ok_or_else(|| OauthError::invalid_grant("the grant has ended").into())
}
