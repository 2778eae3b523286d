//! The grants: what a client may present at the token endpoint, and the steps that all share. A new
//! grant is one file, one variant and one arm.

mod authorization_code;
mod client_credentials;
mod refresh_token;

use entity::{client, user, value::GrantType};
use poem_openapi::Union;
use sea_orm::{ConnectionTrait, DbErr};

pub use authorization_code::AuthorizationCode;
pub use client_credentials::ClientCredentials;
pub use refresh_token::RefreshToken;

use crate::{
    app::App,
    oauth::error::{ErrorCode, OauthError},
    tokens::issue::TokenAnswer,
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
        }
    }
}

/// Answers a token request of an authenticated client.
pub async fn answer(
    app: &App,
    client: &client::Model,
    request: TokenRequest,
) -> Result<TokenAnswer, GrantError> {
    may_use(client, request.grant_type())?;
    match request {
        TokenRequest::AuthorizationCode(request) => {
            authorization_code::answer(app, client, request).await
        }
        TokenRequest::RefreshToken(request) => refresh_token::answer(app, client, request).await,
        TokenRequest::ClientCredentials(request) => {
            client_credentials::answer(app, client, &request)
        }
    }
}

/// RFC 6749 §5.2 `unauthorized_client`: a client uses the grants that it registered, no others.
fn may_use(client: &client::Model, grant: GrantType) -> Result<(), OauthError> {
    if client.grant_types.0.contains(&grant) {
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
