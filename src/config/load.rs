//! Reads the settings from their sources and says in one line what is wrong with them.

use std::{fmt, path::PathBuf};

use figment::{
    Figment, Source,
    error::Kind,
    providers::{Env, Format, Serialized, Toml},
};
use serde::Serialize;

use super::Config;

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

/// A setting is wrong; one line that says which and what to do.
#[derive(Debug, thiserror::Error)]
pub struct ConfigError(String);

impl ConfigError {
    pub(super) fn new(line: impl Into<String>) -> Self {
        Self(line.into())
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The prefix of settings in the environment: `DOORWARD__SERVER__LISTEN`.
const PREFIX: &str = "DOORWARD__";

pub(super) fn read(sources: &Sources) -> Result<Config, ConfigError> {
    let mut figment = Figment::new();
    if let Some(file) = &sources.file {
        if !file.is_file() {
            return Err(ConfigError::new(format!(
                "{}: no such file",
                file.display()
            )));
        }
        figment = figment.merge(Toml::file_exact(file));
    }
    figment = figment.merge(Env::prefixed(PREFIX).split("__"));
    for (key, value) in flags(&sources.flags) {
        figment = figment.merge(Serialized::default(&key, value));
    }
    figment.extract().map_err(|error| explain(&error))
}

fn flags(flags: &Flags) -> Vec<(String, String)> {
    let as_json = serde_json::to_value(flags).unwrap_or_default();
    let set = as_json.as_object().cloned().unwrap_or_default();
    set.into_iter()
        .filter_map(|(key, value)| value.as_str().map(|value| (key.clone(), value.to_owned())))
        .collect()
}

/// One line: where, which key, what is wrong, what was meant.
fn explain(error: &figment::Error) -> ConfigError {
    let place = error
        .metadata
        .as_ref()
        .map_or_else(String::new, |metadata| {
            match (&metadata.source, metadata.name.as_ref()) {
                (Some(Source::File(path)), _) => format!(" in {}", path.display()),
                (_, name) if name.contains("environment") => " in the environment".to_owned(),
                _ => String::new(),
            }
        });
    let path = error.path.join(".");
    match &error.kind {
        Kind::UnknownField(field, expected) => {
            let section = path.strip_suffix(field.as_str()).unwrap_or(&path);
            let section = section.trim_end_matches('.');
            let full = |name: &str| match section {
                "" => name.to_owned(),
                section => format!("{section}.{name}"),
            };
            let meant = expected
                .iter()
                .map(|name| (strsim::jaro_winkler(name, field), *name))
                .filter(|(likeness, _)| *likeness > 0.7)
                .max_by(|one, other| one.0.total_cmp(&other.0));
            let hint = match meant {
                Some((_, name)) => format!("did you mean {}?", full(name)),
                None => format!("known here: {}", expected.join(", ")),
            };
            ConfigError::new(format!("unknown setting {}{place}; {hint}", full(field)))
        }
        // The value itself may be a secret, so it is described by its type only.
        Kind::InvalidType(actual, expected) => ConfigError::new(format!(
            "setting {path}{place} must be {expected}, not {}",
            actual
                .to_string()
                .split_whitespace()
                .next()
                .unwrap_or("that"),
        )),
        kind => ConfigError::new(match path.as_str() {
            "" => format!("the settings{place} cannot be read: {kind}"),
            path => format!("setting {path}{place}: {kind}"),
        }),
    }
}
