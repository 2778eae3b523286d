//! Tokens: what they say, how they are made, what makes one valid, how one ends.

pub mod claims;
pub mod dpop;
pub mod first_party;
pub mod grant;
pub mod introspect;
pub mod issue;
pub mod resource;
pub mod revoke;
pub mod sender;
pub mod subject;
pub mod verify;

mod access_token;
mod id_token;
