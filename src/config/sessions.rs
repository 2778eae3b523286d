//! `[sessions]`: how long a browser stays signed in.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::ConfigError;

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sessions {
    /// Seconds without use after which a session ends.
    pub idle_seconds: u32,
    /// Seconds after which a session ends in any case.
    pub absolute_seconds: u32,
    /// Seconds after a sign-in during which a person may change what guards the account without
    /// proving again who they are.
    pub fresh_seconds: u32,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            idle_seconds: 12 * 60 * 60,
            absolute_seconds: 30 * 24 * 60 * 60,
            fresh_seconds: 10 * 60,
        }
    }
}

impl Sessions {
    pub fn idle(&self) -> TimeDelta {
        TimeDelta::seconds(self.idle_seconds.into())
    }

    pub fn absolute(&self) -> TimeDelta {
        TimeDelta::seconds(self.absolute_seconds.into())
    }

    pub fn fresh(&self) -> TimeDelta {
        TimeDelta::seconds(self.fresh_seconds.into())
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.idle_seconds == 0 || self.absolute_seconds < self.idle_seconds {
            return Err(ConfigError::new(
                "sessions.idle_seconds must be at least 1 and at most sessions.absolute_seconds",
            ));
        }
        if !(60..=86_400).contains(&self.fresh_seconds) {
            return Err(ConfigError::new(
                "sessions.fresh_seconds must be 60 to 86400",
            ));
        }
        Ok(())
    }
}
