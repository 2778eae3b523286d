//! The hints of a request: who is expected, and what to fill in (OpenID Connect Core §3.1.2.1).

use serde::Deserialize;

use super::Checks;
use crate::{
    crypto::jwt::Typ,
    oauth::error::{ErrorCode, OauthError},
    tokens::subject::sector,
};

impl Checks<'_> {
    /// The client expects the person whom it knows by this name, and nobody whom it knows by another: a
    /// name of another sector, or the one that is the same to all, is no pairwise client's to test
    /// (OpenID Connect Core §8.1).
    pub(super) fn expect(&mut self, subject: String) {
        self.request.expected_sector = sector(&self.client);
        self.request.expected_subject = Some(subject);
    }
}

/// OpenID Connect Core §3.1.2.1: an ID token of ours, expired or not, names who is expected.
pub(super) fn id_token_hint(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    #[derive(Deserialize)]
    struct Hint {
        iss: String,
        sub: String,
    }
    let Some(token) = checks.params.get("id_token_hint") else {
        return Ok(());
    };
    let hint = checks.app.keyring.verify::<Hint>(token, Typ::IdToken).ok();
    let hint = hint.filter(|hint| hint.iss == checks.app.config.server.issuer);
    let hint =
        hint.ok_or_else(|| OauthError::invalid_request("id_token_hint is not one of ours"))?;
    // §3.1.2.2: two who are expected are nobody who could sign in.
    let claimed = checks.request.expected_subject.as_ref();
    if claimed.is_some_and(|subject| *subject != hint.sub) {
        let why = "id_token_hint and claims name different persons";
        return Err(OauthError::new(ErrorCode::LoginRequired, why));
    }
    checks.expect(hint.sub);
    Ok(())
}

/// A hint fills in a field; one that is too long for an address fills in nothing.
pub(super) fn login_hint(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    let hint = checks
        .params
        .get("login_hint")
        .filter(|hint| hint.len() <= 254);
    checks.request.login_hint = hint.map(str::to_owned);
    Ok(())
}
