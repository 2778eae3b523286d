//! `[database]`: where rows are kept.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use super::{ConfigError, secret_from};

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/NAME`. Default: `doorward.db` in
    /// `data_dir`.
    #[serde(serialize_with = "hidden")]
    pub url: Option<SecretString>,
    /// A file that holds the URL, because it may hold a password.
    pub url_file: Option<PathBuf>,
    /// Connections at most.
    pub pool: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: None,
            url_file: None,
            pool: 16,
        }
    }
}

impl Database {
    pub(super) fn url(&self) -> Option<String> {
        self.url.as_ref().map(|url| url.expose_secret().to_owned())
    }

    pub(super) fn resolve(&mut self) -> Result<(), ConfigError> {
        if let Some(file) = &self.url_file {
            if self.url.is_some() {
                return Err(ConfigError::new(
                    "database.url and database.url_file are both set",
                ));
            }
            self.url = Some(SecretString::from(secret_from("database.url_file", file)?));
        }
        let known = ["sqlite://", "postgres://", "postgresql://"];
        if self
            .url()
            .is_some_and(|url| !known.iter().any(|scheme| url.starts_with(scheme)))
        {
            return Err(ConfigError::new(
                "database.url must start with sqlite:// or postgres:// (its value is not shown, it may hold a password)",
            ));
        }
        if self.url().is_some_and(|url| {
            url.contains(":memory:") || url.contains("mode=memory") || url == "sqlite://"
        }) {
            return Err(ConfigError::new(
                "database.url must name a file: a database in memory is another one for each connection",
            ));
        }
        let postgres = self.url().filter(|url| !url.starts_with("sqlite://"));
        if postgres.is_some_and(|url| url::Url::parse(&url).is_err()) {
            return Err(ConfigError::new(
                "database.url is not a URL; special characters in the password must be percent-encoded (its value is not shown)",
            ));
        }
        if self.pool == 0 {
            return Err(ConfigError::new("database.pool must be at least 1"));
        }
        Ok(())
    }
}

/// Secrets show in `config check` only as set or not set.
pub(super) fn hidden<S: Serializer>(
    secret: &Option<SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match secret {
        Some(_) => serializer.serialize_some("(set)"),
        None => serializer.serialize_none(),
    }
}
