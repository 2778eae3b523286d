//! `[features]`: which parts of the protocol this server speaks. What is off is not in the metadata
//! and not behind its door.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Features {
    /// Pushed authorization requests (RFC 9126).
    pub pushed_requests: bool,
    /// Tokens bound to a key of the client's (RFC 9449).
    pub dpop: bool,
    /// The `request` parameter (OpenID Connect Core §6.1).
    pub request_objects: bool,
    /// Request objects that nobody signed, of clients of the `oidc` profile that registered no
    /// algorithm (§6.1).
    pub unsigned_request_objects: bool,
    /// The `request_uri` parameter, by which we fetch what the client registered (§6.2).
    pub request_uri: bool,
    /// The `claims` parameter (§5.5).
    pub claims_parameter: bool,
    /// Answers with tokens from the authorization endpoint, for clients of the `oidc` profile that
    /// registered them (§3.2, §3.3).
    pub implicit_and_hybrid: bool,
    /// The device flow (RFC 8628).
    pub device_flow: bool,
    /// Token exchange, for clients that were allowed it (RFC 8693).
    pub token_exchange: bool,
    /// Another subject for each sector (OpenID Connect Core §8.1).
    pub pairwise_subjects: bool,
    /// Telling clients through the browser that somebody signed out.
    pub frontchannel_logout: bool,
    /// Telling clients directly that a session has ended.
    pub backchannel_logout: bool,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            pushed_requests: true,
            dpop: true,
            request_objects: true,
            // What is weaker than it has to be, or makes this server call others, is switched on by
            // its operator.
            unsigned_request_objects: false,
            request_uri: false,
            claims_parameter: true,
            implicit_and_hybrid: false,
            device_flow: true,
            token_exchange: true,
            pairwise_subjects: true,
            frontchannel_logout: true,
            backchannel_logout: true,
        }
    }
}
