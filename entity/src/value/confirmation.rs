//! `cnf`: the key whose holder a token is for (RFC 7800 §3).

use poem_openapi::Object;
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// A key to which a token is bound, by its thumbprint. A token without one is for its bearer.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, FromJsonQueryResult, Object,
)]
#[oai(skip_serializing_if_is_none)]
pub struct Confirmation {
    /// The RFC 7638 thumbprint of a DPoP key (RFC 9449 §6.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkt: Option<String>,
    /// The SHA-256 thumbprint of a certificate (RFC 8705 §3.1).
    #[serde(default, rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    #[oai(rename = "x5t#S256")]
    pub x5t_s256: Option<String>,
}

impl Confirmation {
    /// Bound to the key of a DPoP proof.
    pub fn key(jkt: impl Into<String>) -> Self {
        Self {
            jkt: Some(jkt.into()),
            x5t_s256: None,
        }
    }

    /// Bound to a client certificate.
    pub fn certificate(thumbprint: impl Into<String>) -> Self {
        Self {
            jkt: None,
            x5t_s256: Some(thumbprint.into()),
        }
    }
}
