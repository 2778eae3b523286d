//! Failures: one line for people, one exit code for scripts.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use doorward::{
    accounts::AccountError,
    app::AppError,
    clients::register::RegisterError,
    server::{open::OpenError, schema::SchemaError},
};
use sea_orm::DbErr;

/// Why a verb did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    pub code: u8,
    pub line: String,
}

impl Failure {
    /// It was understood, and did not work.
    pub fn failed(line: impl Into<String>) -> Self {
        Self {
            code: 1,
            line: line.into(),
        }
    }

    /// What was named is not there.
    pub fn not_found(line: impl Into<String>) -> Self {
        Self {
            code: 3,
            line: line.into(),
        }
    }

    /// What clap says, in one line. Help and version are no failures, and are printed here.
    pub fn from_usage(error: clap::Error) -> Self {
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                error.print().ok();
                Self {
                    code: 0,
                    line: String::new(),
                }
            }
            _ => Self::wrong(usage(&error)),
        }
    }

    /// The command line or the settings are wrong.
    pub fn wrong(line: impl Into<String>) -> Self {
        Self {
            code: 2,
            line: line.into(),
        }
    }
}

/// The first line of what clap would print, and what was meant.
fn usage(error: &clap::Error) -> String {
    let rendered = error.render().to_string();
    let first: Vec<&str> = rendered
        .lines()
        .take_while(|line| !line.is_empty())
        .map(str::trim)
        .collect();
    let first = first.join(" ");
    let first = first.trim_start_matches("error: ");
    let meant = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ]
    .into_iter()
    .find_map(|kind| error.get(kind))
    .and_then(|value| match value {
        ContextValue::String(one) => Some(one.clone()),
        ContextValue::Strings(all) => all.first().cloned(),
        _ => None,
    });
    match meant {
        Some(meant) => format!("{first}; did you mean {meant}?"),
        None => format!("{first} (see doorward --help)"),
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::App(AppError::Root(error)) => Self::wrong(error.to_string()),
            OpenError::App(AppError::Authorities(error)) => Self::wrong(error.to_string()),
            OpenError::App(AppError::Fetch(error)) => Self::wrong(error.to_string()),
            OpenError::App(AppError::Breached(error)) => Self::wrong(error.to_string()),
            error => Self::failed(error.to_string()),
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::failed(format!("{error:#}"))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<SchemaError> for Failure {
    fn from(error: SchemaError) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Unexpected(error) => error.into(),
            AccountError::EmailTaken | AccountError::Busy(_) => Self::failed(error.to_string()),
            // What is left is wrong with what was given.
            error => Self::wrong(error.to_string()),
        }
    }
}

impl From<RegisterError> for Failure {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Unexpected(error) => error.into(),
            error => Self::wrong(error.to_string()),
        }
    }
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self::failed(format!("the database failed: {error}"))
    }
}
