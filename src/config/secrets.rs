//! `[secrets]`: the root secret, from which every key of this installation is derived.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{ConfigError, database::hidden};

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Secrets {
    /// 32 random bytes in base64. Prefer `root_file`.
    #[serde(serialize_with = "hidden")]
    pub root: Option<SecretString>,
    /// A file with the same, readable by its owner only. Default: `root.secret` in `data_dir`,
    /// made at the first start.
    pub root_file: Option<PathBuf>,
}

impl Secrets {
    pub(super) fn resolve(&self) -> Result<(), ConfigError> {
        if self.root.is_some() && self.root_file.is_some() {
            return Err(ConfigError::new(
                "secrets.root and secrets.root_file are both set",
            ));
        }
        Ok(())
    }
}
