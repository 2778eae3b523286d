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
    /// OpenID Connect compatibility: PKCE optional for confidential clients, and whatever response
    /// types were registered.
    Oidc,
    /// FAPI 2.0 Security Profile: pushed requests, tokens bound to a key, keys instead of secrets.
    Fapi2,
}

/// What a client must do, and may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demands {
    /// PKCE S256 in every authorization request.
    pub pkce: bool,
    /// A refresh token is good for one use (RFC 9700 §4.14.2).
    pub refresh_rotation: bool,
    /// Authorization requests are pushed (RFC 9126), never sent by a browser.
    pub pushed_requests: bool,
    /// Access tokens are bound to a key: DPoP (RFC 9449) or a certificate (RFC 8705).
    pub bound_tokens: bool,
    /// The client proves itself with a key, not with a secret.
    pub key_authentication: bool,
    /// Only the algorithms of FAPI 2.0 §5.4: PS256, ES256, EdDSA.
    pub strong_algorithms: bool,
    /// The audience of a client assertion is our issuer as one string and nothing else.
    pub issuer_audience: bool,
    /// Tokens from the authorization endpoint: implicit and hybrid.
    pub front_channel_tokens: bool,
    /// Request objects that nobody signed, of clients that registered no algorithm
    /// (OpenID Connect Core §6.1).
    pub unsigned_request_objects: bool,
}

impl Profile {
    /// The demands on a client that can or cannot keep a secret.
    pub fn demands(self, public: bool) -> Demands {
        let (oidc, fapi2) = (self == Self::Oidc, self == Self::Fapi2);
        Demands {
            // RFC 9700 §2.1.1: a public client without PKCE has nothing that binds its code.
            pkce: !oidc || public,
            // FAPI 2.0 §5.3.2.1: no rotation where the token is bound to its client anyway.
            refresh_rotation: public,
            pushed_requests: fapi2,
            bound_tokens: fapi2,
            key_authentication: fapi2,
            strong_algorithms: fapi2,
            issuer_audience: fapi2,
            front_channel_tokens: oidc,
            unsigned_request_objects: oidc,
        }
    }
}
