//! `[registration]`: whether clients may register themselves, who may, and what they become
//! (RFC 7591).

use std::path::PathBuf;

use chrono::TimeDelta;
use entity::value::Profile;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{ConfigError, database::hidden, secret_from};

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Registration {
    /// Whether there is a registration endpoint.
    pub enabled: bool,
    /// Whether anybody may register a client, without a token.
    pub open: bool,
    /// What whoever registers a client presents as a bearer token.
    #[serde(serialize_with = "hidden")]
    pub initial_access_token: Option<SecretString>,
    /// A file that holds it.
    pub initial_access_token_file: Option<PathBuf>,
    /// The rules by which clients live that registered themselves.
    pub profile: Profile,
    /// How many clients may have registered themselves and never been used.
    pub unused_clients: u32,
    /// Days after which a client is forgotten that registered itself and was never used.
    pub unused_days: u32,
}

impl Default for Registration {
    fn default() -> Self {
        Self {
            enabled: false,
            open: false,
            initial_access_token: None,
            initial_access_token_file: None,
            profile: Profile::Oauth21,
            unused_clients: 1000,
            unused_days: 30,
        }
    }
}

impl Registration {
    /// For how long a client that registered itself may wait for its first use.
    pub fn unused(&self) -> TimeDelta {
        TimeDelta::days(self.unused_days.into())
    }

    pub(super) fn resolve(&mut self) -> Result<(), ConfigError> {
        if let Some(file) = &self.initial_access_token_file {
            if self.initial_access_token.is_some() {
                return Err(ConfigError::new(
                    "registration.initial_access_token and registration.initial_access_token_file \
                     are both set",
                ));
            }
            let token = secret_from("registration.initial_access_token_file", file)?;
            self.initial_access_token = Some(SecretString::from(token));
        }
        let token = self.initial_access_token.as_ref();
        let token = token.map(|token| token.expose_secret());
        // RFC 6750 §2.1: what else there is could not be sent.
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
        if token.is_some_and(|token| token.is_empty() || !token.bytes().all(fits)) {
            return Err(ConfigError::new(
                "registration.initial_access_token must be letters, digits and -._~+/= (its value \
                 is not shown)",
            ));
        }
        if self.enabled && !self.open && token.is_none() {
            return Err(ConfigError::new(
                "registration.enabled needs registration.initial_access_token, or \
                 registration.open = true to let anybody register a client",
            ));
        }
        if !(1..=3650).contains(&self.unused_days) {
            return Err(ConfigError::new(
                "registration.unused_days must be 1 to 3650",
            ));
        }
        Ok(())
    }
}
