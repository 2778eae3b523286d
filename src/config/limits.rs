//! `[limits]`: how often strangers may do what costs others something. What guards secrets is not
//! set here: it cannot be switched off.

use serde::{Deserialize, Serialize};

use super::ConfigError;

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Accounts that may be made per hour from one address (IPv6: from one /64).
    pub sign_ups: u32,
    /// Letters of one kind per hour to one mailbox.
    pub letters: u32,
    /// Letters per hour that may be asked for from one address.
    pub letters_by_address: u32,
    /// Times in ten minutes that one account may be signed in to with the right password.
    pub sign_ins: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sign_ups: 10,
            letters: 3,
            letters_by_address: 20,
            sign_ins: 20_000,
        }
    }
}

impl Limits {
    pub(super) fn check(self) -> Result<(), ConfigError> {
        for (name, most) in [
            ("sign_ups", self.sign_ups),
            ("letters", self.letters),
            ("letters_by_address", self.letters_by_address),
            ("sign_ins", self.sign_ins),
        ] {
            if !(1..=1_000_000).contains(&most) {
                let why = format!("limits.{name} must be 1 to 1000000");
                return Err(ConfigError::new(why));
            }
        }
        Ok(())
    }
}
