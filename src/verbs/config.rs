//! `config`: the settings as they are in effect.

use clap::Subcommand;
use doorward::{
    crypto::certificate::Authorities, pwned::Filter, server::tls::certificates::Certificates,
};
use serde_json::{Map, Value, json};

use super::{Failure, Global, print};

#[derive(Debug, Subcommand)]
pub enum Config {
    /// Check the settings and show them; secrets only as set or not set.
    Check,
}

pub fn run(global: &Global, verb: &Config) -> Result<(), Failure> {
    match verb {
        Config::Check => check(global),
    }
}

fn check(global: &Global) -> Result<(), Failure> {
    let config = global.settings()?;
    Certificates::load(&config.server.tls).map_err(|error| Failure::wrong(error.to_string()))?;
    if let Some(path) = &config.server.client_certificate_authorities {
        Authorities::at(path).map_err(|error| Failure::wrong(error.to_string()))?;
    }
    if let Some(path) = &config.passwords.breached_file {
        Filter::open(path).map_err(|error| Failure::wrong(error.to_string()))?;
    }
    let mode = match config.development {
        true => "development",
        false => "production",
    };
    let file = global.file();
    let shown = effective(&config)?;
    if global.json {
        return print::json(&json!({ "mode": mode, "file": file, "settings": shown }));
    }
    let mut pairs = Vec::new();
    if let Value::Object(settings) = &shown {
        flatten("", settings, &mut pairs);
    }
    let pairs: Vec<(&str, String)> = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    print::pairs(&pairs);
    let from = file.map_or_else(
        || "no settings file".to_owned(),
        |file| file.display().to_string(),
    );
    print::say(&format!("\nThe settings are good: {mode} mode, {from}."));
    Ok(())
}

/// The settings with what is used where nothing was set.
fn effective(config: &doorward::config::Config) -> Result<Value, Failure> {
    let mut shown = serde_json::to_value(config)
        .map_err(|error| Failure::failed(format!("the settings could not be shown: {error}")))?;
    if shown["database"]["url"].is_null() {
        shown["database"]["url"] = json!(config.database_url());
    }
    if shown["secrets"]["root"].is_null() {
        shown["secrets"]["root_file"] = json!(config.root_secret_path());
    }
    shown["tokens"]["audience"] = json!(config.default_audience());
    Ok(shown)
}

/// `section.key` and value, in the order of the sections.
fn flatten(section: &str, settings: &Map<String, Value>, pairs: &mut Vec<(String, String)>) {
    for (key, value) in settings {
        let name = match section {
            "" => key.clone(),
            section => format!("{section}.{key}"),
        };
        match value {
            Value::Object(inner) => flatten(&name, inner, pairs),
            Value::Null => pairs.push((name, "(not set)".to_owned())),
            Value::String(text) => pairs.push((name, text.clone())),
            other => pairs.push((name, other.to_string())),
        }
    }
}
