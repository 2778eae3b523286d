//! The signatures that are taken, by what is signed. Those that we make are the variants of
//! `SigningAlg`.

/// Of client assertions (RFC 7523): a MAC of the client's secret, or a signature with its key.
pub const ASSERTION: [&str; 5] = ["HS256", "RS256", "PS256", "ES256", "EdDSA"];

/// Of request objects; the first is none at all, where that is switched on and the profile of the
/// client allows it (OpenID Connect Core §6.1).
pub const REQUEST_OBJECT: [&str; 5] = ["none", "RS256", "PS256", "ES256", "EdDSA"];

/// What FAPI 2.0 Security Profile §5.4 leaves of them; DPoP proofs take no others from anybody.
pub const STRONG: [&str; 3] = ["PS256", "ES256", "EdDSA"];
