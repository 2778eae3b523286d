//! `pwned`: the passwords that leaked somewhere, as a filter that this server can ask.

use std::path::PathBuf;

use clap::{Args, Subcommand, value_parser};
use doorward::{
    pwned::build::{self, BITS_PER_ENTRY, BuildError},
    server::open::folder,
};
use serde_json::json;

use super::{Failure, Global, print};

#[derive(Debug, Subcommand)]
pub enum Pwned {
    /// Build the filter from a list of hashes of leaked passwords.
    Build(Build),
}

#[derive(Debug, Args)]
pub struct Build {
    /// The list, a line each: the SHA-1 hash of a password in hexadecimal digits, perhaps with a
    /// colon and a number after it; in any order.
    #[arg(value_name = "FILE")]
    list: PathBuf,
    /// Where the filter goes. Default: where passwords.breached_file says, or pwned.filter in the
    /// data folder.
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Bits for each hash, 6 to 32: more bits refuse fewer passwords that never leaked.
    #[arg(long, value_name = "N", default_value_t = BITS_PER_ENTRY, value_parser = value_parser!(u32).range(6..=32))]
    bits: u32,
}

pub async fn run(global: &Global, verb: Pwned) -> Result<(), Failure> {
    match verb {
        Pwned::Build(build) => make(global, build).await,
    }
}

async fn make(global: &Global, build: Build) -> Result<(), Failure> {
    let set = match &build.output {
        // Then no setting is needed.
        Some(_) => None,
        None => Some(global.settings()?),
    };
    let is_set = set
        .as_ref()
        .and_then(|config| config.passwords.breached_file.clone());
    let in_use = is_set.is_some();
    let output = match (build.output, set) {
        (Some(output), _) => output,
        (None, Some(config)) => match is_set {
            Some(set) => set,
            None => {
                folder(&config.data_dir)?;
                config.data_dir.join("pwned.filter")
            }
        },
        (None, None) => return Err(Failure::wrong("say where the filter goes: --output PATH")),
    };
    let (list, bits, path) = (build.list, build.bits, output.clone());
    let built = tokio::task::spawn_blocking(move || build::build(&list, &path, bits));
    let built = built
        .await
        .map_err(|error| Failure::failed(error.to_string()))??;
    let per_entry = built.size as f64 * 8.0 / built.entries as f64;
    if global.json {
        return print::json(&json!({
            "output": output,
            "entries": built.entries,
            "bytes": built.size,
            "bits_per_entry": (per_entry * 100.0).round() / 100.0,
            "false_positive_rate": built.false_positives,
        }));
    }
    print::pairs(&[
        ("output", output.display().to_string()),
        ("entries", built.entries.to_string()),
        ("bytes", built.size.to_string()),
        ("bits per entry", format!("{per_entry:.1}")),
        ("false positives", rate(built.false_positives)),
    ]);
    print::say(&match in_use {
        true => "\nThe next start uses it.".to_owned(),
        false => format!(
            "\nTo use it, set passwords.breached_file = \"{}\" and start anew.",
            output.display()
        ),
    });
    Ok(())
}

/// A share, as people say it.
fn rate(share: f64) -> String {
    match share > 0.0 {
        true => format!(
            "{:.4} % (one of {:.0}), measured",
            share * 100.0,
            1.0 / share
        ),
        false => "none of a million, measured".to_owned(),
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        Self::failed(error.to_string())
    }
}
