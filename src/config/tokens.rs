//! `[tokens]`: how long what we hand out is good for, and for whom.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use url::Url;

use super::ConfigError;

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tokens {
    /// The `aud` of an access token whose request named no resource (RFC 9068 §3). Default: the
    /// issuer.
    pub audience: Option<String>,
    /// What a client may name as the `resource` of its tokens (RFC 8707), besides what clients that
    /// are resource servers answer for.
    pub resources: Vec<String>,
    /// Life of an access token.
    pub access_seconds: u32,
    /// Life of an ID token.
    pub id_seconds: u32,
    /// Life of an authorization code; at most a minute.
    pub code_seconds: u32,
    /// How far ahead the end of a client assertion may be.
    pub client_assertion_seconds: u32,
    /// Seconds without use after which a refresh token ends.
    pub refresh_idle_seconds: u32,
    /// Seconds after which a chain of refresh tokens ends in any case.
    pub refresh_absolute_seconds: u32,
    /// Whether DPoP proofs must hold a nonce of ours (RFC 9449 §8).
    pub dpop_nonces: bool,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            audience: None,
            resources: Vec::new(),
            access_seconds: 300,
            id_seconds: 300,
            code_seconds: 60,
            client_assertion_seconds: 300,
            refresh_idle_seconds: 14 * 24 * 60 * 60,
            refresh_absolute_seconds: 90 * 24 * 60 * 60,
            // A proof is good once and for a minute either way, so that a nonce only adds a round.
            dpop_nonces: false,
        }
    }
}

impl Tokens {
    pub fn access(&self) -> TimeDelta {
        TimeDelta::seconds(self.access_seconds.into())
    }

    pub fn id(&self) -> TimeDelta {
        TimeDelta::seconds(self.id_seconds.into())
    }

    pub fn code(&self) -> TimeDelta {
        TimeDelta::seconds(self.code_seconds.into())
    }

    pub fn client_assertion(&self) -> TimeDelta {
        TimeDelta::seconds(self.client_assertion_seconds.into())
    }

    pub fn refresh_idle(&self) -> TimeDelta {
        TimeDelta::seconds(self.refresh_idle_seconds.into())
    }

    pub fn refresh_absolute(&self) -> TimeDelta {
        TimeDelta::seconds(self.refresh_absolute_seconds.into())
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let within = |name: &str, value: u32, most: u32| match value {
            0 => Err(ConfigError::new(format!(
                "tokens.{name} must be at least 1"
            ))),
            value if value > most => Err(ConfigError::new(format!(
                "tokens.{name} must be at most {most}"
            ))),
            _ => Ok(()),
        };
        within("access_seconds", self.access_seconds, 24 * 60 * 60)?;
        within("id_seconds", self.id_seconds, 24 * 60 * 60)?;
        // FAPI 2.0 §5.3.2.1; a code is redeemed within a second or two.
        within("code_seconds", self.code_seconds, 60)?;
        within(
            "client_assertion_seconds",
            self.client_assertion_seconds,
            60 * 60,
        )?;
        within(
            "refresh_idle_seconds",
            self.refresh_idle_seconds,
            self.refresh_absolute_seconds,
        )?;
        let is_none =
            |audience: &str| audience.trim().is_empty() || audience.contains(char::is_control);
        if self.audience.as_deref().is_some_and(is_none) {
            return Err(ConfigError::new(
                "tokens.audience must not be empty, and be one line",
            ));
        }
        if let Some(wrong) = self.resources.iter().position(|name| !is_absolute(name)) {
            return Err(ConfigError::new(format!(
                "tokens.resources: number {} is not an absolute URI without a fragment",
                wrong + 1
            )));
        }
        Ok(())
    }
}

/// RFC 8707 §2: an absolute URI without a fragment.
fn is_absolute(name: &str) -> bool {
    Url::parse(name).is_ok_and(|url| url.fragment().is_none())
}
