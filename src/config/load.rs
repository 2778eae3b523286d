//! Reads the settings from their sources, the weaker ones first.

use std::path::PathBuf;

use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use serde::Serialize;

use super::{
    Config,
    explain::{ConfigError, explain},
};

/// Where settings come from besides the defaults and the environment.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// `--config`, `DOORWARD_CONFIG`, or `doorward.toml` if it exists.
    pub file: Option<PathBuf>,
    pub flags: Flags,
}

/// The settings that have a flag.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Flags {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "server.listen")]
    pub listen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "server.issuer")]
    pub issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "database.url")]
    pub database_url: Option<String>,
}

/// The prefix of settings in the environment: `DOORWARD__SERVER__LISTEN`.
const PREFIX: &str = "DOORWARD__";

/// Each secret can also be given as a file, under this other name.
const SECRETS: [(&str, &str); 4] = [
    ("database.url", "database.url_file"),
    ("secrets.root", "secrets.root_file"),
    ("mail.password", "mail.password_file"),
    (
        "registration.initial_access_token",
        "registration.initial_access_token_file",
    ),
];

pub(super) fn read(sources: &Sources) -> Result<Config, ConfigError> {
    let mut layers = Vec::new();
    if let Some(file) = &sources.file {
        if !file.is_file() {
            return Err(ConfigError::new(format!(
                "{}: no such file",
                file.display()
            )));
        }
        layers.push(Figment::from(Toml::file_exact(file)));
    }
    layers.push(Figment::from(Env::prefixed(PREFIX).split("__")));
    for (key, value) in flags(&sources.flags) {
        layers.push(Figment::from(Serialized::default(&key, value)));
    }
    let all = layers.into_iter().fold(Figment::new(), over);
    let mut config: Config = all.extract().map_err(|error| explain(&error))?;
    if !all.contains("server.issuer") && config.server.is_private() {
        config.server.issuer = localhost(config.server.listen.port());
    }
    Ok(config)
}

/// Lays one source over those that it takes precedence over. A secret in one form replaces what
/// they say in the other form.
fn over(mut below: Figment, layer: Figment) -> Figment {
    for (plain, file) in SECRETS {
        for (set, other) in [(plain, file), (file, plain)] {
            if layer.contains(set) && !layer.contains(other) {
                below = below.merge(Serialized::default(other, None::<String>));
            }
        }
    }
    below.merge(layer)
}

/// The issuer of somebody who only said on which port to listen.
fn localhost(port: u16) -> String {
    match port {
        80 => "http://localhost".to_owned(),
        port => format!("http://localhost:{port}"),
    }
}

fn flags(flags: &Flags) -> Vec<(String, String)> {
    let as_json = serde_json::to_value(flags).unwrap_or_default();
    let set = as_json.as_object().cloned().unwrap_or_default();
    set.into_iter()
        .filter_map(|(key, value)| value.as_str().map(|value| (key.clone(), value.to_owned())))
        .collect()
}
