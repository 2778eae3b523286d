//! What a client says of itself when it registers, and what it is told to be registered as (RFC 7591
//! §2, §3.2.1; OpenID Connect Dynamic Client Registration §2).

mod fill;

use entity::{
    client::Model,
    value::{ApplicationType, ClientAuthMethod, ClientMetadata, SubjectType},
};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::wanted::RegisterError;

pub use fill::{Intake, usual_alg, wanted};

/// The members that mean something here. What else is sent is ignored (RFC 7591 §2).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Object)]
#[serde(default)]
#[oai(skip_serializing_if_is_none, default)]
pub struct Registration {
    /// Where answers may be sent; compared byte for byte.
    pub redirect_uris: Option<Vec<String>>,
    /// Where people may be sent after they signed out.
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// `code` if it is absent.
    pub response_types: Option<Vec<String>>,
    /// What the response types lead to if it is absent.
    pub grant_types: Option<Vec<String>>,
    /// `web` if it is absent.
    pub application_type: Option<ApplicationType>,
    /// What people read on the pages.
    pub client_name: Option<String>,
    /// A picture to show beside the name: PNG, JPEG, GIF or WebP of at most 100 KiB.
    pub logo_uri: Option<String>,
    /// The home page.
    pub client_uri: Option<String>,
    /// What the client does with what it learns about people.
    pub policy_uri: Option<String>,
    /// The terms of service.
    pub tos_uri: Option<String>,
    /// `public` if it is absent.
    pub subject_type: Option<SubjectType>,
    /// `RS256` if it is absent, `ES256` by the profile `fapi2`.
    pub id_token_signed_response_alg: Option<String>,
    /// `client_secret_basic` if it is absent.
    pub token_endpoint_auth_method: Option<ClientAuthMethod>,
    /// Words separated by spaces. Every standard scope if it is absent.
    pub scope: Option<String>,
    #[serde(flatten)]
    #[oai(flatten)]
    pub more: ClientMetadata,
}

/// What we do not do: we encrypt nothing, and sign no responses of the authorization endpoint.
/// Ignoring these would let a client wait for what never comes.
const REFUSED: [&str; 9] = [
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "authorization_signed_response_alg",
    "authorization_encrypted_response_alg",
    "authorization_encrypted_response_enc",
];

impl Registration {
    /// Reads the members. `null` is the same as absent (RFC 7592 §2.2).
    pub fn read(members: &Map<String, Value>) -> Result<Self, RegisterError> {
        let said = |name: &&str| members.get(*name).is_some_and(|value| !value.is_null());
        if let Some(name) = REFUSED.iter().find(|name| said(name)) {
            return Err(RegisterError::member(*name, "is not supported here"));
        }
        // One at a time first, so that the one that is wrong has a name.
        for (name, value) in members {
            let alone = Map::from_iter([(name.clone(), value.clone())]);
            if serde_json::from_value::<Self>(Value::Object(alone)).is_err() {
                let why = "is not of the type or not one of the values that it may have";
                return Err(RegisterError::member(name, why));
            }
        }
        serde_json::from_value(Value::Object(members.clone()))
            .map_err(|_| RegisterError::member("the metadata", "cannot be read"))
    }

    /// What a client is registered as, defaults included.
    pub fn of(client: &Model) -> Self {
        let names = |names: Vec<&'static str>| {
            Some(names.into_iter().map(str::to_owned).collect::<Vec<_>>())
        };
        let uris = |uris: &[String]| (!uris.is_empty()).then(|| uris.to_vec());
        Self {
            redirect_uris: Some(client.redirect_uris.0.clone()),
            post_logout_redirect_uris: uris(&client.post_logout_redirect_uris.0),
            response_types: names(
                client
                    .response_types
                    .0
                    .iter()
                    .map(|one| one.name())
                    .collect(),
            ),
            grant_types: names(client.grant_types.0.iter().map(|one| one.name()).collect()),
            application_type: Some(client.application_type),
            client_name: Some(client.client_name.clone()),
            logo_uri: client.logo_uri.clone(),
            client_uri: client.client_uri.clone(),
            policy_uri: client.policy_uri.clone(),
            tos_uri: client.tos_uri.clone(),
            subject_type: Some(client.subject_type),
            id_token_signed_response_alg: Some(
                client.id_token_signed_response_alg.name().to_owned(),
            ),
            token_endpoint_auth_method: Some(client.token_endpoint_auth_method),
            scope: Some(client.scope.to_string()),
            more: client.metadata.clone(),
        }
    }
}
