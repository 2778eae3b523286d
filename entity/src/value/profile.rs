//! The security profile of a client, expanded into what it demands: here and nowhere else.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

/// Which rules a client lives by.
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
pub enum Profile {
    /// OAuth 2.1: PKCE S256 always, code only. The default.
    Oauth21,
    /// OpenID Connect compatibility: PKCE optional for confidential clients.
    Oidc,
}

/// What a client must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demands {
    /// PKCE S256 in every authorization request.
    pub pkce: bool,
    /// A refresh token is good for one use (RFC 9700 §4.14.2).
    pub refresh_rotation: bool,
}

impl Profile {
    /// The demands on a client that can or cannot keep a secret.
    pub fn demands(self, public: bool) -> Demands {
        Demands {
            pkce: match self {
                Self::Oauth21 => true,
                // RFC 9700 §2.1.1: a public client without PKCE has nothing that binds its code.
                Self::Oidc => public,
            },
            refresh_rotation: public,
        }
    }
}
