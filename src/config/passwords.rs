//! `[passwords]`: what hashing may cost.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Passwords {
    /// Passes of argon2id over 19 MiB, 2 to 8. Default: measured at start, so that one hash costs
    /// about 50 ms on this machine.
    pub passes: Option<u32>,
}
