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
}

/// `response_type` (OAuth 2.0 Multiple Response Type Encoding Practices §3).
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
pub enum ResponseType {
    /// RFC 6749 §4.1.1.
    Code,
}

/// `response_mode` (OAuth 2.0 Multiple Response Type Encoding Practices §2.1).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, Serialize, Deserialize, poem_openapi::Enum,
)]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    Query,
}

impl ResponseMode {
    /// By its name on the wire.
    pub fn named(name: &str) -> Option<Self> {
        (name == "query").then_some(Self::Query)
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
    /// A public client (RFC 6749 §2.1).
    None,
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
}

impl SigningAlg {
    /// The name in a JWS header.
    pub fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
        }
    }
}

/// The grants that a client registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct GrantTypes(pub Vec<GrantType>);

/// The response types that a client registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct ResponseTypes(pub Vec<ResponseType>);
