//! Authorization server metadata (RFC 8414, OpenID Connect Discovery 1.0 §3). The fields are named
//! by the specifications; what they say is computed from what is switched on.

use poem_openapi::Object;
use serde::Serialize;

/// The metadata document. A member that is not there is a feature that is off.
#[derive(Clone, Debug, Default, Serialize, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Metadata {
    /// The `iss` of every token and response, byte for byte.
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub userinfo_endpoint: String,
    pub jwks_uri: String,
    pub introspection_endpoint: String,
    pub revocation_endpoint: String,
    pub end_session_endpoint: String,
    /// RFC 7591.
    pub registration_endpoint: Option<String>,
    /// RFC 9126.
    pub pushed_authorization_request_endpoint: Option<String>,
    /// RFC 8628.
    pub device_authorization_endpoint: Option<String>,
    pub scopes_supported: Vec<String>,
    pub response_types_supported: Vec<String>,
    pub response_modes_supported: Vec<String>,
    pub grant_types_supported: Vec<String>,
    pub subject_types_supported: Vec<String>,
    pub id_token_signing_alg_values_supported: Vec<String>,
    pub userinfo_signing_alg_values_supported: Vec<String>,
    pub request_object_signing_alg_values_supported: Option<Vec<String>>,
    /// RFC 9449.
    pub dpop_signing_alg_values_supported: Option<Vec<String>>,
    pub token_endpoint_auth_methods_supported: Vec<String>,
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    pub introspection_endpoint_auth_signing_alg_values_supported: Vec<String>,
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<String>,
    pub code_challenge_methods_supported: Vec<String>,
    pub claim_types_supported: Vec<String>,
    pub claims_supported: Vec<String>,
    pub acr_values_supported: Vec<String>,
    pub display_values_supported: Vec<String>,
    pub prompt_values_supported: Vec<String>,
    pub ui_locales_supported: Vec<String>,
    /// RFC 9207.
    pub authorization_response_iss_parameter_supported: bool,
    pub claims_parameter_supported: bool,
    pub request_parameter_supported: bool,
    /// Said because its default is true.
    pub request_uri_parameter_supported: bool,
    /// Only what the client registered is fetched.
    pub require_request_uri_registration: Option<bool>,
    /// Each client's profile decides; RFC 9126.
    pub require_pushed_authorization_requests: Option<bool>,
    /// OpenID Connect Front-Channel Logout.
    pub frontchannel_logout_supported: Option<bool>,
    pub frontchannel_logout_session_supported: Option<bool>,
    /// OpenID Connect Back-Channel Logout.
    pub backchannel_logout_supported: Option<bool>,
    pub backchannel_logout_session_supported: Option<bool>,
    /// RFC 8705.
    pub tls_client_certificate_bound_access_tokens: Option<bool>,
    pub mtls_endpoint_aliases: Option<EndpointAliases>,
}

/// Where to call with a client certificate (RFC 8705 §5). Browsers are never sent there.
#[derive(Clone, Debug, Default, Serialize, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct EndpointAliases {
    pub token_endpoint: String,
    pub userinfo_endpoint: String,
    pub introspection_endpoint: String,
    pub revocation_endpoint: String,
    pub pushed_authorization_request_endpoint: Option<String>,
    pub device_authorization_endpoint: Option<String>,
}
