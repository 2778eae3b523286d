//! What of an asked scope is granted, wherever a client asks for something that a person allows.

use entity::value::{STANDARD_SCOPES, Scope};

use super::error::{ErrorCode, OauthError};

/// What `own`, the registered scope of a client, leaves of `asked`. Words that nobody here knows are
/// ignored (OpenID Connect Core §3.1.2.1); words that are known and not the client's are refused
/// (RFC 6749 §3.3).
pub fn granted(asked: &str, own: &Scope) -> Result<Scope, OauthError> {
    let invalid = |why: &str| OauthError::new(ErrorCode::InvalidScope, why);
    let asked: Scope = asked
        .parse()
        .map_err(|_| invalid("scope is not well formed"))?;
    let standard = |word: &str| STANDARD_SCOPES.contains(&word);
    if asked
        .words()
        .any(|word| standard(word) && !own.contains(word))
    {
        return Err(invalid("the client may not have this scope"));
    }
    // Without `openid` it is plain OAuth 2.0, of which OpenID Connect says nothing (§3.1.2.1): no ID
    // token, and at userinfo what the other words buy.
    Ok(asked.intersection(own))
}

/// Something was asked for that only `openid` gives.
pub fn without_openid() -> OauthError {
    OauthError::new(ErrorCode::InvalidScope, "scope must contain openid")
}
