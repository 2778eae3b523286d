//! What is wrong with the settings, in one line: where, which key, and what was meant. A value is
//! never shown, because it may be a secret.

use std::fmt;

use figment::{
    Source,
    error::{Actual, Kind},
};
use serde_json::Value;

use super::Config;

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

/// How alike two names are when one was meant for the other.
const ALIKE: f64 = 0.8;

pub(super) fn explain(error: &figment::Error) -> ConfigError {
    let place = place(error);
    let path = error.path.join(".");
    ConfigError::new(match &error.kind {
        Kind::UnknownField(field, expected) => {
            let full = match path.strip_suffix(field.as_str()) {
                Some(_) => path.clone(),
                None if path.is_empty() => field.clone(),
                None => format!("{path}.{field}"),
            };
            format!("unknown setting {full}{place}; {}", meant(&full, expected))
        }
        Kind::InvalidType(actual, expected) | Kind::InvalidValue(actual, expected) => {
            let wanted = plain(&expected.to_string()).to_owned();
            format!("setting {path}{place} must be {wanted}{}", but(actual))
        }
        Kind::UnknownVariant(_, expected) => {
            let words = expected.join(", ");
            format!("setting {path}{place} must be one of: {words}")
        }
        kind => {
            let why = without_quotation(&kind.to_string());
            match path.as_str() {
                "" => format!("the settings{place} cannot be read: {why}"),
                path => format!("setting {path}{place}: {}", plain(&why)),
            }
        }
    })
}

/// ` in FILE`, ` in the environment`, or nothing for a flag, which everybody sees.
fn place(error: &figment::Error) -> String {
    match &error.metadata {
        None => String::new(),
        Some(metadata) => match &metadata.source {
            Some(Source::File(path)) => format!(" in {}", path.display()),
            _ if metadata.name.contains("environment") => " in the environment".to_owned(),
            _ => String::new(),
        },
    }
}

/// The setting that was meant: one of the same name in another section, or one that looks alike.
fn meant(unknown: &str, expected: &[&str]) -> String {
    let known = known();
    let leaf = |name: &str| name.rsplit('.').next().map(str::to_owned);
    let elsewhere = known.iter().find(|name| leaf(name) == leaf(unknown));
    let section = unknown.rsplit_once('.').map(|(section, _)| section);
    let beside = expected.iter().map(|name| match section {
        Some(section) => format!("{section}.{name}"),
        None => (*name).to_owned(),
    });
    let alike = beside
        .clone()
        .chain(known.iter().cloned())
        .map(|name| (strsim::jaro_winkler(&name, unknown), name))
        .filter(|(likeness, _)| *likeness > ALIKE)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, name)| name);
    match elsewhere.cloned().or(alike) {
        Some(name) => format!("did you mean {name}?"),
        None => format!("known here: {}", beside.collect::<Vec<_>>().join(", ")),
    }
}

/// Every setting by its full name.
fn known() -> Vec<String> {
    fn walk(prefix: &str, value: &Value, names: &mut Vec<String>) {
        match value.as_object() {
            Some(section) => {
                for (key, value) in section {
                    let name = match prefix {
                        "" => key.clone(),
                        prefix => format!("{prefix}.{key}"),
                    };
                    walk(&name, value, names);
                }
            }
            None => names.push(prefix.to_owned()),
        }
    }
    let all = serde_json::to_value(Config::default()).unwrap_or_default();
    let mut names = Vec::new();
    walk("", &all, &mut names);
    names
}

/// A type, or what is wrong, in words that do not come from Rust.
fn plain(said: &str) -> &str {
    match said {
        "u16" | "u32" | "u64" | "usize" => "a whole number that is not negative",
        "invalid socket address syntax" => "must be an address and a port, such as 127.0.0.1:8080",
        other => other,
    }
}

/// What was found instead, where its kind says something.
fn but(actual: &Actual) -> &'static str {
    match actual {
        Actual::Bool(_) => ", not true or false",
        Actual::Float(_) => ", without a fraction",
        Actual::Char(_) | Actual::Str(_) | Actual::Bytes(_) => ", not text",
        Actual::Seq => ", not a list",
        Actual::Map => ", not a section",
        _ => "",
    }
}

/// A TOML error quotes the line that it found, between lines that begin with `|` or a number.
fn without_quotation(message: &str) -> String {
    let quoted = |line: &str| {
        let line = line
            .trim_start()
            .trim_start_matches(|c: char| c.is_ascii_digit());
        line.trim_start().starts_with('|')
    };
    let said: Vec<&str> = message
        .lines()
        .filter(|line| !line.trim().is_empty() && !quoted(line))
        .collect();
    said.join(", ")
}
