//! The settings: one section per file, read once from flags, environment, file and defaults, in
//! this order of precedence. A key that nobody reads is an error that says which one was meant.

mod accounts;
mod api;
mod database;
mod explain;
mod features;
mod fetch;
mod keys;
mod limits;
mod load;
mod mail;
mod network;
mod passwords;
mod providers;
mod registration;
mod secrets;
mod server;
mod sessions;
mod tls;
mod tokens;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use accounts::Accounts;
pub use api::{Api, Origins};
pub use database::Database;
pub use explain::ConfigError;
pub use features::Features;
pub use fetch::Fetch;
pub use keys::Keys;
pub use limits::Limits;
pub use load::{Flags, Sources};
pub use mail::{Mail, Security};
pub use network::Network;
pub use passwords::Passwords;
pub use providers::{Kind, Provider, Providers};
pub use registration::Registration;
pub use secrets::Secrets;
pub use server::Server;
pub use sessions::Sessions;
pub use tls::{Mtls, Tls};
pub use tokens::Tokens;

/// Every setting, checked.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where files are kept: the embedded database, the root secret.
    pub data_dir: PathBuf,
    pub server: Server,
    pub database: Database,
    pub secrets: Secrets,
    pub accounts: Accounts,
    pub sessions: Sessions,
    pub api: Api,
    pub tokens: Tokens,
    pub keys: Keys,
    pub features: Features,
    pub registration: Registration,
    pub passwords: Passwords,
    pub limits: Limits,
    pub fetch: Fetch,
    pub mail: Mail,
    pub providers: Providers,
    /// Whether this is development mode. Never set, always found: see [`Config::load`].
    #[serde(skip)]
    pub development: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("data"),
            server: Server::default(),
            database: Database::default(),
            secrets: Secrets::default(),
            accounts: Accounts::default(),
            sessions: Sessions::default(),
            api: Api::default(),
            tokens: Tokens::default(),
            keys: Keys::default(),
            features: Features::default(),
            registration: Registration::default(),
            passwords: Passwords::default(),
            limits: Limits::default(),
            fetch: Fetch::default(),
            mail: Mail::default(),
            providers: Providers::default(),
            development: false,
        }
    }
}

impl Config {
    /// Reads and checks all settings. Development mode is what a newcomer has: no configuration
    /// file, an issuer on `http://localhost`, a listener on loopback. Anything else is production.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let mut config = load::read(sources)?;
        config.development =
            sources.file.is_none() && config.server.is_on_localhost() && config.server.is_private();
        config.server.check(config.development)?;
        config.database.resolve()?;
        config.secrets.resolve()?;
        config.tokens.check()?;
        config.keys.check()?;
        config.passwords.check()?;
        config.accounts.check()?;
        config.sessions.check()?;
        config.api.check(&config.server.host())?;
        config.limits.check()?;
        config.fetch.check()?;
        config.mail.resolve()?;
        config.registration.resolve()?;
        config.providers.resolve(&config.fetch)?;
        Ok(config)
    }

    /// The database URL, with `data_dir` filled in where none was set.
    pub fn database_url(&self) -> String {
        self.database
            .url()
            .unwrap_or_else(|| format!("sqlite://{}", self.data_dir.join("doorward.db").display()))
    }

    /// The file that holds the root secret unless it is set otherwise.
    pub fn root_secret_path(&self) -> PathBuf {
        self.secrets
            .root_file
            .clone()
            .unwrap_or_else(|| self.data_dir.join("root.secret"))
    }

    /// Whether pages of an origin may act through the JSON API: ours, and those that are trusted.
    pub fn trusts(&self, origin: &str) -> bool {
        origin == self.server.origin() || self.api.trusted_origins.trust(origin)
    }

    /// The audience of an access token whose request named no resource.
    pub fn default_audience(&self) -> &str {
        self.tokens
            .audience
            .as_deref()
            .unwrap_or(&self.server.issuer)
    }
}

/// Reads a secret from the file that a setting names.
fn secret_from(setting: &str, path: &Path) -> Result<String, ConfigError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text.trim_end_matches(['\r', '\n']).to_owned()),
        Err(error) => Err(ConfigError::new(format!(
            "{setting}: {}: {error}",
            path.display()
        ))),
    }
}
