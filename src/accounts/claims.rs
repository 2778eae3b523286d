//! The standard claims of a person as an operator writes them down: a name that is none is an error.

use entity::value::StandardClaims;
use serde_json::{Map, Value};

/// What is wrong with them.
#[derive(Debug, thiserror::Error)]
pub enum ClaimsError {
    #[error("{0}")]
    Malformed(#[from] serde_json::Error),
    #[error("{0:?} is no standard claim")]
    Unknown(String),
}

/// Reads an object of claims.
pub fn read(told: &Value) -> Result<StandardClaims, ClaimsError> {
    // A list would be taken for the values in their order.
    let named: Map<String, Value> = serde_json::from_value(told.clone())?;
    let claims: StandardClaims = serde_json::from_value(Value::Object(named))?;
    let kept = serde_json::to_value(&claims)?;
    match unknown(told, &kept) {
        Some(name) => Err(ClaimsError::Unknown(name)),
        None => Ok(claims),
    }
}

/// The first name in `told` of which nothing was kept.
fn unknown(told: &Value, kept: &Value) -> Option<String> {
    let mut all = told.as_object()?.iter();
    all.find_map(|(name, value)| match kept.get(name) {
        Some(kept) => unknown(value, kept),
        None => (!value.is_null()).then(|| name.clone()),
    })
}
