//! The keys of clients: the key set that a client registered by value or by reference (RFC 7591 §2),
//! and what it verifies.

use entity::client::Model;
use serde_json::Value;

use crate::{
    app::App,
    crypto::jwks::{self, BadKeySet, JwsAlg, NotVerified, Verified},
    fetch::FetchError,
};

/// Why a token of a client is not believed. For the log: what is wrong with whose keys is nobody
/// else's business.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("the client has registered no keys")]
    None,
    /// Why is for the log alone.
    #[error("the keys of the client cannot be fetched")]
    Fetch(#[from] FetchError),
    #[error("the token {0}")]
    Token(#[from] NotVerified),
}

/// Whether a client may register this key set: public keys only, and none that is weak.
pub fn check(jwks: &Value) -> Result<(), BadKeySet> {
    jwks::check(jwks)
}

/// Verifies a token that the client signed with one of `algs`; its `typ` must be the one that is
/// named, if one is. What the claims say is the caller's to judge.
pub async fn verify(
    app: &App,
    client: &Model,
    token: &str,
    typ: Option<&str>,
    algs: &[JwsAlg],
) -> Result<Verified, KeysError> {
    // What no key can mend is said before anybody is asked for keys.
    jwks::is_verifiable(token, typ, algs)?;
    let mut why = NotVerified::UnknownKey;
    let look = |jwks: &Value| {
        let verified = jwks::verify(jwks, token, typ, algs);
        verified.map_err(|error| why = error).ok()
    };
    let verified = find(app, client, look).await?;
    verified.ok_or(KeysError::Token(why))
}

/// What `look` finds in the key set of a client. Where the set at hand does not hold it, a newer one
/// is fetched: at once, but not again within seconds.
pub async fn find<T>(
    app: &App,
    client: &Model,
    mut look: impl FnMut(&Value) -> Option<T>,
) -> Result<Option<T>, KeysError> {
    if let Some(jwks) = &client.metadata.jwks {
        return Ok(look(jwks));
    }
    let url = client.metadata.jwks_uri.as_deref().ok_or(KeysError::None)?;
    let now = app.clock.now();
    let logged = |error: &FetchError| tracing::debug!(%error, "keys could not be fetched");
    let at_hand = app.fetch.document(url, now).await.inspect_err(logged)?;
    if let Some(found) = look(&at_hand) {
        return Ok(Some(found));
    }
    let newer = app.fetch.newer_document(url, &at_hand, now).await;
    let newer = newer.inspect_err(logged)?;
    Ok(newer.and_then(|newer| look(&newer)))
}

/// Verifies a token of nobody's with keys that cannot fit, so that it takes as long as one of a
/// client.
pub(super) fn in_vain(app: &App, token: &str) {
    let mut ours: Value = serde_json::from_slice(&app.keyring.jwks()).unwrap_or_default();
    for key in ours["keys"].as_array_mut().into_iter().flatten() {
        key.as_object_mut().map(|key| key.remove("kid"));
    }
    drop(jwks::verify(&ours, token, None, &JwsAlg::ALL));
}
