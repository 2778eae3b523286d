//! Discovery (OpenID Connect Discovery): where a provider answers, by its own document.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{Failure, Provider, exchange::Endpoints, failure::Broken};
use crate::{
    app::App,
    config,
    crypto::jwks::JwsAlg,
    fetch::{Fetch, FetchError},
};

/// What of the discovery document is read (OpenID Connect Discovery §3).
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Metadata {
    pub issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    pub jwks_uri: String,
    pub userinfo_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    /// RFC 9207 §3.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// The discovery document: of the issuer that is set and no other, with endpoints where the operator
/// expects them, because our credentials go there.
pub(super) async fn discover(app: &App, provider: Provider<'_>) -> Result<Metadata, Broken> {
    let found = read(&app.fetch, provider.settings, app.clock.now()).await;
    found.map_err(|why| Failure::Unavailable.because(why))
}

/// The same; the error is a sentence for the log.
pub(super) async fn read(
    fetch: &Fetch,
    settings: &config::Provider,
    now: DateTime<Utc>,
) -> Result<Metadata, String> {
    let issuer = settings.issuer();
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    let url = format!("{base}/.well-known/openid-configuration");
    let origins = settings.origins();
    let good = |json: &Value| Metadata::read(json, issuer, &origins).is_ok();
    let document = fetch.pinned(&url, good, now).await;
    let document = document.map_err(|error| {
        let what = match error {
            FetchError::Unexpected => {
                "is not that of the issuer, or names endpoints at other origins"
            }
            _ => "cannot be had",
        };
        format!("the discovery document {what}: {error}")
    })?;
    Metadata::read(&document, issuer, &origins).map_err(str::to_owned)
}

impl Metadata {
    fn read(json: &Value, issuer: &str, origins: &[String]) -> Result<Self, &'static str> {
        let read = Self::deserialize(json).map_err(|_| "something is missing")?;
        // OpenID Connect Discovery §4.3: identical, not alike.
        if read.issuer != issuer {
            return Err("it names another issuer");
        }
        let endpoints = [
            Some(&read.authorization_endpoint),
            Some(&read.token_endpoint),
            Some(&read.jwks_uri),
            read.userinfo_endpoint.as_ref(),
        ];
        let expected = |url: &String| {
            Url::parse(url).is_ok_and(|url| origins.contains(&url.origin().ascii_serialization()))
        };
        let known = endpoints.into_iter().flatten().all(expected);
        match known {
            true => Ok(read),
            false => Err("an endpoint is at another origin"),
        }
    }

    /// What of its algorithms can be verified; RS256 if it does not say.
    pub fn algorithms(&self) -> Vec<JwsAlg> {
        match &self.id_token_signing_alg_values_supported {
            None => vec![JwsAlg::RS256],
            Some(names) => names
                .iter()
                .filter_map(|name| JwsAlg::parse(name))
                .collect(),
        }
    }

    pub fn endpoints(&self) -> Endpoints {
        let methods = self.token_endpoint_auth_methods_supported.as_deref();
        let takes = |method: &str| methods.is_some_and(|all| all.iter().any(|own| own == method));
        Endpoints {
            authorization: self.authorization_endpoint.clone(),
            token: self.token_endpoint.clone(),
            // `client_secret_basic` is what everybody takes who says nothing.
            secret_in_form: !takes("client_secret_basic") && takes("client_secret_post"),
        }
    }
}
