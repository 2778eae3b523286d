//! `[fetch]`: what this server may call, and for how long it waits.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};
use url::Url;

use super::ConfigError;

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fetch {
    /// Origins that may be called although they are on a private or loopback address, such as
    /// `https://idp.internal:8443`. Our own is one in any case.
    pub private_origins: Vec<String>,
    /// Certificates in PEM of authorities that are believed besides those of the machine.
    pub ca_file: Option<PathBuf>,
    /// Milliseconds for one call, from looking up the name to the last byte of the answer.
    pub timeout_milliseconds: u32,
}

impl Default for Fetch {
    fn default() -> Self {
        Self {
            private_origins: Vec::new(),
            ca_file: None,
            timeout_milliseconds: 5_000,
        }
    }
}

impl Fetch {
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_milliseconds.into())
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if !(1..=60_000).contains(&self.timeout_milliseconds) {
            return Err(ConfigError::new(
                "fetch.timeout_milliseconds must be 1 to 60000",
            ));
        }
        let is_origin = |text: &String| {
            Url::parse(text).is_ok_and(|url| {
                matches!(url.scheme(), "http" | "https")
                    && url.origin().ascii_serialization() == *text
            })
        };
        match self
            .private_origins
            .iter()
            .find(|origin| !is_origin(origin))
        {
            Some(wrong) => Err(ConfigError::new(format!(
                "fetch.private_origins: {wrong:?} is not an origin such as https://idp.internal:8443"
            ))),
            None => Ok(()),
        }
    }
}
