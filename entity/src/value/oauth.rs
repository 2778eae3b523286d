//! The OAuth and OpenID vocabulary: one enum, three faces (serde on the wire, a text column, the
//! OpenAPI document).

use sea_orm::{DeriveActiveEnum, EnumIter, FromJsonQueryResult};
use serde::{Deserialize, Serialize};

/// `grant_type` (RFC 6749 §4, §6). What is not listed here does not exist.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    poem_openapi::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case")]
pub enum GrantType {
    /// RFC 6749 §4.1.
    AuthorizationCode,
    /// RFC 6749 §6.
    RefreshToken,
    /// RFC 6749 §4.4.
    ClientCredentials,
    /// RFC 6749 §4.2: tokens from the authorization endpoint; nothing to present at `/token`.
    Implicit,
    /// RFC 8628 §3.4.
    #[sea_orm(string_value = "urn:ietf:params:oauth:grant-type:device_code")]
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    #[oai(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
    /// RFC 8693 §2.1.
    #[sea_orm(string_value = "urn:ietf:params:oauth:grant-type:token-exchange")]
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    #[oai(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
}

impl GrantType {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::Implicit => "implicit",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    }

    /// By its name on the wire.
    pub fn named(name: &str) -> Option<Self> {
        use sea_orm::Iterable;
        Self::iter().find(|grant| grant.name() == name)
    }
}

/// `token_endpoint_auth_method` (RFC 7591 §2).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    poem_openapi::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case")]
pub enum ClientAuthMethod {
    /// HTTP Basic (RFC 6749 §2.3.1).
    ClientSecretBasic,
    /// In the form (RFC 6749 §2.3.1).
    ClientSecretPost,
    /// A JWT with a MAC of the secret (OpenID Connect Core §9).
    ClientSecretJwt,
    /// A JWT signed with a key of the client (OpenID Connect Core §9, RFC 7523 §2.2).
    PrivateKeyJwt,
    /// A certificate of the client that somebody vouches for (RFC 8705 §2.1).
    TlsClientAuth,
    /// A certificate whose key the client registered (RFC 8705 §2.2).
    SelfSignedTlsClientAuth,
    /// A public client (RFC 6749 §2.1).
    None,
}

impl ClientAuthMethod {
    /// Whether client and server share a secret.
    pub fn has_secret(self) -> bool {
        matches!(
            self,
            Self::ClientSecretBasic | Self::ClientSecretPost | Self::ClientSecretJwt
        )
    }
}

/// `application_type` (OpenID Connect Dynamic Client Registration §2).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    poem_openapi::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case")]
pub enum ApplicationType {
    /// Runs on a server or in a browser page.
    Web,
    /// Runs on a person's device: its loopback port may vary (RFC 8252 §7.3).
    Native,
}

/// JWS algorithms that we sign with (RFC 7518 §3.1).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    poem_openapi::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum SigningAlg {
    /// RSASSA-PKCS1-v1_5 with SHA-256; every relying party can verify it.
    #[sea_orm(string_value = "RS256")]
    RS256,
    /// ECDSA on P-256 with SHA-256.
    #[sea_orm(string_value = "ES256")]
    ES256,
    /// RSASSA-PSS with SHA-256.
    #[sea_orm(string_value = "PS256")]
    PS256,
    /// Ed25519 (RFC 8037 §3.1).
    #[sea_orm(string_value = "EdDSA")]
    EdDSA,
}

impl SigningAlg {
    /// The name in a JWS header.
    pub fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::PS256 => "PS256",
            Self::EdDSA => "EdDSA",
        }
    }

    /// By its name in a JWS header.
    pub fn named(name: &str) -> Option<Self> {
        use sea_orm::Iterable;
        Self::iter().find(|alg| alg.name() == name)
    }
}

/// How a person is named to a client (OpenID Connect Core §8).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    poem_openapi::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case")]
pub enum SubjectType {
    /// The same to all clients.
    Public,
    /// Another name to each sector, so that clients cannot compare notes.
    Pairwise,
}

/// The grants that a client registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct GrantTypes(pub Vec<GrantType>);
