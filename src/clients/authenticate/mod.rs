//! Client authentication at every back-channel endpoint (RFC 6749 §2.3, §3.2.1): which way a request
//! chose, and whether it is the one that its client registered.

mod assertion;
mod certificate;
mod secret;

use std::net::IpAddr;

use entity::{
    client::{self, Model},
    value::{ClientAuthMethod, GrantType},
};
use sea_orm::DbErr;

pub use secret::sealed;

use crate::{
    app::App,
    crypto::certificate::Certificate,
    limits::TooOften,
    oauth::{error::OauthError, params::Params},
};

/// The `Authorization` header of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    Absent,
    One(String),
    /// More than one, or one that is not ASCII: nobody can say which is meant.
    Unclear,
}

/// What a request presents about its client.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// The path of the endpoint that is called.
    pub endpoint: &'a str,
    pub authorization: &'a Authorization,
    /// The form, which may hold `client_id`, `client_secret` and `client_assertion`.
    pub params: &'a Params,
    /// The certificate that the client showed (RFC 8705).
    pub certificate: Option<&'a Certificate>,
    /// The address that the request came from.
    pub ip: Option<IpAddr>,
}

/// Why a client was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticationError {
    /// The request itself is wrong; status 400.
    #[error(transparent)]
    Malformed(OauthError),
    /// Nobody, or not who they say; status 401.
    #[error("client authentication failed")]
    Refused,
    /// The same, and so often from there that it is told to wait; status 429.
    #[error("client authentication failed too often")]
    TooOften(TooOften),
    #[error(transparent)]
    Unexpected(#[from] DbErr),
}

/// One way in which a client names itself.
enum Claimed<'a> {
    Secret(secret::Claim),
    Assertion(assertion::Claim<'a>),
    Nothing { id: &'a str },
}

/// The enabled client that the request proves to come from; for a public client, that it names.
pub async fn authenticate(
    app: &App,
    presented: Presented<'_>,
) -> Result<Model, AuthenticationError> {
    let claimed = claimed(presented)?;
    let id = match &claimed {
        Claimed::Secret(claim) => &claim.id,
        Claimed::Assertion(claim) => &claim.id,
        Claimed::Nothing { id } => *id,
    };
    let client = client::enabled(&app.db.read, id).await?;
    // Nobody is turned away here: an unknown client takes as long as a known one.
    let client = match claimed {
        Claimed::Secret(claim) => match secret::prove(app, &claim, client) {
            None => return Err(secret::refuse(app, presented.ip).await?),
            proven => proven,
        },
        Claimed::Assertion(claim) => {
            assertion::prove(app, &claim, client, presented.endpoint).await?
        }
        Claimed::Nothing { .. } => match client {
            Some(client) if certificate::is_way_of(&client) => {
                certificate::prove(app, client, presented.certificate).await
            }
            client => client.filter(may_be_public),
        },
    };
    let client = client.ok_or(AuthenticationError::Refused)?;
    if client.used_at.is_none() && acts_alone(&client) {
        client::mark_used(&app.db.write, client.id, app.clock.now()).await?;
    }
    Ok(client)
}

/// Whether somebody allowed the client what no person does, so that it is in use when it comes itself.
/// Of others that is seen when people come from them: whoever registers clients by the thousand can let
/// all of them prove who they are.
fn acts_alone(client: &Model) -> bool {
    let alone = [GrantType::ClientCredentials, GrantType::TokenExchange];
    let mut grants = client.grant_types.0.iter();
    !client.is_public() && (!client.dynamic || grants.any(|grant| alone.contains(grant)))
}

/// FAPI 2.0 §5.3.2.1: there are no public clients where a key is demanded.
fn may_be_public(client: &Model) -> bool {
    client.token_endpoint_auth_method == ClientAuthMethod::None
        && !client.demands().key_authentication
}

fn claimed(presented: Presented<'_>) -> Result<Claimed<'_>, AuthenticationError> {
    let params = presented.params;
    let malformed = AuthenticationError::Malformed;
    let header = match presented.authorization {
        Authorization::Absent => None,
        Authorization::One(header) => Some(header.as_str()),
        Authorization::Unclear => {
            let why = "more than one Authorization header";
            return Err(malformed(OauthError::invalid_request(why)));
        }
    };
    let id = params.credential("client_id").map_err(malformed)?;
    // An empty secret is not an omitted one.
    let secret = params
        .credential("client_secret")
        .map_err(|_| AuthenticationError::Refused)?;
    if let Some(claim) = assertion::claimed(params, id)? {
        // RFC 6749 §2.3: not more than one method in each request.
        return match (header, secret) {
            (None, None) => Ok(Claimed::Assertion(claim)),
            _ => Err(AuthenticationError::Refused),
        };
    }
    match (header, id, secret) {
        // RFC 6749 §2.3, again.
        (Some(_), _, Some(_)) => Err(malformed(OauthError::invalid_request(
            "two ways of client authentication",
        ))),
        (Some(header), named, None) => {
            let claim = secret::basic(header).ok_or(AuthenticationError::Refused)?;
            match named.is_none_or(|named| named == claim.id) {
                true => Ok(Claimed::Secret(claim)),
                false => Err(AuthenticationError::Refused),
            }
        }
        (None, Some(id), Some(secret)) => Ok(Claimed::Secret(secret::post(id, secret))),
        (None, Some(id), None) => Ok(Claimed::Nothing { id }),
        (None, None, _) => Err(AuthenticationError::Refused),
    }
}
