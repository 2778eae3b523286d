//! `[accounts]`: who may have one, and what becomes of one whose owner leaves.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::ConfigError;

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Accounts {
    /// Whether people may make an account by themselves.
    pub sign_up: bool,
    /// Whether somebody signs in, and has an account at all, only once the address is proven.
    pub verified_email_only: bool,
    /// Days between a person's word that an account is to be removed and its removal.
    pub removal_days: u32,
}

impl Default for Accounts {
    fn default() -> Self {
        Self {
            sign_up: true,
            verified_email_only: false,
            removal_days: 14,
        }
    }
}

impl Accounts {
    pub fn removal(&self) -> TimeDelta {
        TimeDelta::days(self.removal_days.into())
    }

    pub(super) fn check(self) -> Result<(), ConfigError> {
        if self.removal_days > 365 {
            return Err(ConfigError::new(
                "accounts.removal_days must be at most 365",
            ));
        }
        Ok(())
    }
}
