//! Whether a provider can be used as it is set, as far as that can be known without a person.

use chrono::{DateTime, Utc};

use super::{discovery, exchange::quoted};
use crate::{
    config::{self, Kind},
    fetch::{Fetch, Outgoing},
};

/// Asks the provider where it answers. The error is a sentence for the operator.
pub async fn look(
    fetch: &Fetch,
    settings: &config::Provider,
    now: DateTime<Utc>,
) -> Result<(), String> {
    match settings.kind {
        Kind::Google | Kind::Oidc => match discovery::read(fetch, settings, now).await {
            Ok(metadata) => {
                let keys = fetch.call(asking(&metadata.jwks_uri)).await;
                answered(keys.map(|raw| raw.status), "the key set")
            }
            Err(why) => Err(why),
        },
        Kind::Github => {
            let base = settings.api_url();
            let meta = format!("{}/meta", base.strip_suffix('/').unwrap_or(base));
            let meta = fetch.call(asking(&meta)).await;
            answered(meta.map(|raw| raw.status), "its API")
        }
    }
}

fn asking(url: &str) -> Outgoing<'_> {
    Outgoing {
        url,
        accept: "application/json",
        authorization: None,
        form: None,
    }
}

fn answered<E: std::fmt::Display>(status: Result<u16, E>, what: &str) -> Result<(), String> {
    match status {
        // Whoever asks too often, or needs to be let in first, is answered.
        Ok(200..=299 | 401 | 403 | 429) => Ok(()),
        Ok(status) => {
            let status = quoted(&status.to_string());
            Err(format!("{what} answers {status}"))
        }
        Err(error) => Err(format!("{what} cannot be had: {error}")),
    }
}
