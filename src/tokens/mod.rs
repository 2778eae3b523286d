//! Tokens: what they say, how they are made, what makes one valid, how one ends.

pub mod claims;
pub mod introspect;
pub mod issue;
pub mod revoke;
pub mod verify;
