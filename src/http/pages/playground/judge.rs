//! The judgement of a token response: the keys are fetched, every token is read, and only what
//! passed is kept.

use super::{
    calls::Tokens,
    checks::{self, Expected},
    memory::Held,
    provider::Provider,
    steps::Steps,
};
use crate::app::App;

/// What the tokens of this provider must fit.
pub fn expected<'a>(app: &'a App, provider: &'a Provider, nonce: &'a str) -> Expected<'a> {
    Expected {
        issuer: &provider.issuer,
        id_token_algs: &provider.id_token_signing_alg_values_supported,
        audience: app.config.default_audience(),
        nonce,
        max_age: None,
        subject: None,
        now: app.clock.now(),
    }
}

/// Judges a token response and brings what may be kept of it.
pub async fn judge(
    app: &App,
    steps: &mut Steps,
    provider: &Provider,
    tokens: Tokens,
    expected: &Expected<'_>,
) -> Option<Held> {
    let keys = steps.take(provider.keys(app).await)?;
    let access_token = tokens.access_token;
    let subject = match &tokens.id_token {
        Some(token) => {
            let judged = checks::id_token(&keys, token, &access_token, expected);
            Some(steps.take(judged)?)
        }
        None => None,
    };
    let judged = checks::access_token(&keys, &access_token, subject.as_deref(), expected);
    steps.take(judged)?;
    Some(Held {
        provider: provider.clone(),
        access_token,
        refresh_token: tokens.refresh_token,
        id_token: tokens.id_token,
        subject,
        nonce: expected.nonce.to_owned(),
    })
}
