//! Reads the `claims` parameter (OpenID Connect Core §5.5).

use std::collections::BTreeMap;

use entity::value::{ClaimsRequest, Scope};
use serde_json::{Map, Value};

use crate::{
    oauth::{
        acr,
        error::{ErrorCode, OauthError},
    },
    tokens::claims::claim,
};

/// More than any client has use for, in bytes.
const LONGEST: usize = 8 * 1024;
/// Deeper than any value that a claim has: it stands in sealed flows and in the database.
const DEEPEST: usize = 8;

/// What was asked for, as far as it can be given.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub claims: ClaimsRequest,
    /// The one person whom the client wants to be answered about (§5.5.1).
    pub subject: Option<String>,
}

/// Reads it. Claims that we do not know are ignored (§5.5), and so are those that the client could
/// not have by scope either.
pub(super) fn read(text: &str, own: &Scope) -> Result<Asked, OauthError> {
    let wrong = || OauthError::invalid_request("claims is not a JSON object of the right form");
    if text.len() > LONGEST {
        return Err(OauthError::invalid_request("claims is too long"));
    }
    let all: Map<String, Value> = serde_json::from_str(text).map_err(|_| wrong())?;
    if !all
        .iter()
        .all(|(name, wish)| !name.contains('\0') && is_plain(wish, DEEPEST))
    {
        return Err(wrong());
    }
    let place = |name: &str| match all.get(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(asked)) if asked.values().all(is_a_wish) => Ok(asked.clone()),
        Some(_) => Err(wrong()),
    };
    let (userinfo, id_token) = (place("userinfo")?, place("id_token")?);
    if let Some(acr) = id_token.get("acr") {
        essential_acr(acr)?;
    }
    let subject = match id_token.get("sub").and_then(|wish| wish.get("value")) {
        None => None,
        // Ignoring what is no name would answer about anybody.
        Some(name) => Some(name.as_str().ok_or_else(wrong)?.to_owned()),
    };
    let given = |asked: Map<String, Value>| -> BTreeMap<String, Value> {
        let may = |name: &str| claim(name).is_some_and(|claim| own.contains(claim.scope));
        asked.into_iter().filter(|(name, _)| may(name)).collect()
    };
    Ok(Asked {
        subject,
        claims: ClaimsRequest {
            userinfo: given(userinfo),
            id_token: given(id_token),
        },
    })
}

/// Whether this can be kept: no deeper than that, and without a NUL, which the JSON writes in six
/// harmless letters and PostgreSQL cannot store.
fn is_plain(value: &Value, depth: usize) -> bool {
    match value {
        Value::String(text) => !text.contains('\0'),
        Value::Array(all) => depth > 0 && all.iter().all(|one| is_plain(one, depth - 1)),
        Value::Object(all) => {
            depth > 0
                && all
                    .iter()
                    .all(|(name, one)| !name.contains('\0') && is_plain(one, depth - 1))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

/// §5.5.1: null, or an object.
fn is_a_wish(value: &Value) -> bool {
    value.is_null() || value.is_object()
}

/// §5.5.1.1: a class that is essential and cannot be reached ends the request.
fn essential_acr(wish: &Value) -> Result<(), OauthError> {
    let essential = wish.get("essential") == Some(&Value::Bool(true));
    let one = wish.get("value").map(std::slice::from_ref);
    let several = wish.get("values").and_then(Value::as_array);
    let mut wanted = one
        .into_iter()
        .chain(several.map(Vec::as_slice))
        .flatten()
        .peekable();
    let unmet = wanted.peek().is_some() && !wanted.any(|acr| acr == acr::PASSWORD);
    if essential && unmet {
        return Err(OauthError::new(
            ErrorCode::UnmetAuthenticationRequirements,
            "none of the wanted authentication context classes exists here",
        ));
    }
    Ok(())
}
