//! `[passwords]`: what hashing may cost, and which passwords have leaked.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::ConfigError;

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Passwords {
    /// Passes of argon2id over 19 MiB, 2 to 8. Default: measured at start, so that one hash costs
    /// about 50 ms on this machine.
    pub passes: Option<u32>,
    /// Hashes at once, each with a thread and 19 MiB of its own, 1 to 64. Default: one per core.
    pub threads: Option<usize>,
    /// A filter that `doorward pwned build` made: no password that is in it can be set. Default:
    /// none.
    pub breached_file: Option<PathBuf>,
}

impl Passwords {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        match self.threads {
            Some(threads) if !(1..=64).contains(&threads) => {
                Err(ConfigError::new("passwords.threads must be 1 to 64"))
            }
            _ => Ok(()),
        }
    }
}
