//! Authentication context classes: how sure we are of whom we signed in (OpenID Connect Core §2).

/// What a password gives.
pub const PASSWORD: &str = "urn:doorward:acr:password";
