//! `client_credentials` (RFC 6749 §4.4): a token for the client itself. Nobody signed in, so no
//! scope about a person can be had.

use entity::{
    client,
    value::{STANDARD_SCOPES, Scope},
};
use poem_openapi::Object;

use super::GrantError;
use crate::{
    app::App,
    oauth::error::{ErrorCode, OauthError},
    tokens::{
        issue::{self, TokenAnswer},
        resource,
        sender::Sender,
    },
};

/// What the client wants to be allowed.
#[derive(Debug, Object)]
pub struct ClientCredentials {
    /// Words from the client's registered scope that are not about a person; none by default.
    pub scope: Option<String>,
    /// What the access token is for (RFC 8707 §2); may be repeated.
    pub resource: Option<Vec<String>>,
}

pub(super) async fn answer(
    app: &App,
    client: &client::Model,
    sender: &Sender,
    request: &ClientCredentials,
) -> Result<TokenAnswer, GrantError> {
    let refused = || {
        OauthError::new(
            ErrorCode::InvalidScope,
            "the client may not have this scope",
        )
    };
    let asked: Scope = request
        .scope
        .as_deref()
        .unwrap_or_default()
        .parse()
        .map_err(|_| refused())?;
    if !asked.is_within(&client.scope) || asked.words().any(|word| STANDARD_SCOPES.contains(&word))
    {
        return Err(refused().into());
    }
    let named = request.resource.iter().flatten().map(String::as_str);
    let resources = resource::asked(app, named).await??;
    Ok(issue::for_client(
        app,
        client,
        &asked,
        &resources,
        sender.confirmation.as_ref(),
    )?)
}
