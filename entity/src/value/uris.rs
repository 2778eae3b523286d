//! Lists in one column: URIs of a client, names, and the methods of a sign-in.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// URIs, byte for byte as they were registered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Uris(pub Vec<String>);

impl Uris {
    /// Simple string comparison (RFC 9700 §2.1): no normalisation of any kind.
    pub fn contains(&self, uri: &str) -> bool {
        self.0.iter().any(|own| own == uri)
    }
}

/// Plain names, such as the audiences that a resource server answers for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Names(pub Vec<String>);

/// `amr`: how a person was authenticated (RFC 8176).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Amr(pub Vec<String>);
