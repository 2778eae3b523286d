//! Whether people can sign in with each provider: what it must know of us, and whether it answers.

use chrono::{DateTime, Utc};
use doorward::{
    config::{Config, Provider},
    fetch::Fetch,
    upstream::{callback_path, doctor},
};

use super::{Finding, fail, ok};

/// One line for each provider.
pub async fn all(config: &Config, now: DateTime<Utc>) -> Vec<Finding> {
    let check = "provider";
    if config.providers.is_empty() {
        return Vec::new();
    }
    let fetch = match Fetch::new(config) {
        Ok(fetch) => fetch,
        Err(error) => return vec![fail(check, format!("fetch.ca_file: {error}"))],
    };
    let mut findings = Vec::new();
    for (name, provider) in config.providers.iter() {
        findings.push(one(config, &fetch, (name, provider), now).await);
    }
    findings
}

async fn one(
    config: &Config,
    fetch: &Fetch,
    (name, provider): (&str, &Provider),
    now: DateTime<Utc>,
) -> Finding {
    let check = "provider";
    let redirect = format!("{}{}", config.server.issuer, callback_path(name));
    let secret = match provider.secret() {
        Some(_) => "client id and secret are set",
        None => "client id is set, without a secret",
    };
    let known = format!("its redirect URI is {redirect}");
    match doctor::look(fetch, provider, now).await {
        Ok(()) => ok(check, format!("{name} answers; {secret}; {known}")),
        Err(why) => fail(
            check,
            format!("{name}: {why}; check providers.{name}.* and the way there; {known}"),
        ),
    }
}
