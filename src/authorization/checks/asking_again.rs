//! What a request says about asking the person again (OpenID Connect Core §3.1.2.1).

use super::Checks;
use crate::oauth::{error::OauthError, prompt::Prompt};

pub(super) fn prompt(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    checks.request.prompt = Prompt::parse(checks.params.get("prompt").unwrap_or_default())?;
    if checks.request.prompt.create && !checks.app.config.accounts.sign_up {
        // Initiating User Registration via OpenID Connect §4.1: a value that is not announced.
        let why = "nobody makes an account here by themselves";
        return Err(OauthError::invalid_request(why));
    }
    Ok(())
}

pub(super) fn max_age(checks: &mut Checks<'_>) -> Result<(), OauthError> {
    checks.request.max_age = match checks.params.get("max_age") {
        None => checks.client.metadata.default_max_age,
        Some(text) => {
            // `parse` alone would take a sign.
            let digits = text.bytes().all(|b| b.is_ascii_digit());
            let seconds = text.parse().ok().filter(|_| digits);
            let why = "max_age must be a whole number of seconds";
            Some(seconds.ok_or_else(|| OauthError::invalid_request(why))?)
        }
    };
    Ok(())
}
