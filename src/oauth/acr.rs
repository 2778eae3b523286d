//! Authentication context classes: how sure we are of whom we signed in (OpenID Connect Core §2).

/// What a password gives.
pub const PASSWORD: &str = "urn:doorward:acr:password";

/// What the word of a provider gives, which may have asked for much or for little.
pub const PROVIDER: &str = "urn:doorward:acr:provider";
