//! The provider as its relying party knows it: by the metadata that it publishes.

use serde::{Deserialize, Serialize};

/// What the playground uses of the metadata (OpenID Connect Discovery 1.0 §3).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Provider {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub userinfo_endpoint: String,
    pub jwks_uri: String,
    pub end_session_endpoint: String,
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// RFC 9207 §3.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}
