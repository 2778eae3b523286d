//! Where the database of another system is: never with its password on the command line, which others
//! on the machine can read.

use std::{env, fs, io::Read, path::PathBuf};

use clap::Args;
use entity::foreign::{Renamed, Table};

use crate::verbs::{Failure, has_password};

/// Names the URL of a database, where no argument does.
const VARIABLE: &str = "DOORWARD_IMPORT_SOURCE";

#[derive(Debug, Args)]
pub struct Source {
    /// Where the people are. Of lines: a file, or - for stdin. Of a database: a SQLite file,
    /// postgres://USER@HOST/NAME without a password, or - for a URL that is read from stdin.
    #[arg(value_name = "SOURCE")]
    source: Option<String>,
    /// A file that holds the URL of the database, with its password. Or set DOORWARD_IMPORT_SOURCE to
    /// the URL.
    #[arg(long, value_name = "FILE", conflicts_with = "source")]
    source_file: Option<PathBuf>,
    /// A table that is called otherwise, as in user=people or account=auth.account.
    #[arg(long = "table", value_name = "TABLE=NAME")]
    tables: Vec<String>,
    /// A column that is called otherwise, as in user.email=mail or account.subject=external_id.
    #[arg(long = "column", value_name = "TABLE.FIELD=NAME")]
    columns: Vec<String>,
}

impl Source {
    /// What was named; for lines.
    pub fn file(&self) -> Result<Option<&str>, Failure> {
        if self.source_file.is_some() || !self.tables.is_empty() || !self.columns.is_empty() {
            return Err(Failure::wrong(
                "--source-file, --table and --column are about a database: say --from better-auth \
                 or --from auth-js",
            ));
        }
        Ok(self.source.as_deref())
    }

    /// The URL of a database.
    pub fn url(&self) -> Result<String, Failure> {
        let given = match (&self.source, &self.source_file) {
            (Some(dash), _) if dash == "-" => {
                let mut text = String::new();
                std::io::stdin()
                    .read_to_string(&mut text)
                    .map_err(|error| Failure::wrong(format!("stdin: {error}")))?;
                text
            }
            (Some(source), _) if has_password(source) => {
                return Err(Failure::wrong(format!(
                    "the URL holds a password, which others on this machine could see; use \
                     --source-file, {VARIABLE} or stdin instead"
                )));
            }
            (Some(source), _) => source.clone(),
            (None, Some(file)) => fs::read_to_string(file)
                .map_err(|error| Failure::wrong(format!("{}: {error}", file.display())))?,
            (None, None) => env::var(VARIABLE).map_err(|_| {
                Failure::wrong(format!(
                    "say where the database is: a SQLite file or a URL, --source-file or {VARIABLE}"
                ))
            })?,
        };
        let given = given.trim();
        let is_url = ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| given.starts_with(scheme));
        if is_url {
            return Ok(given.to_owned());
        }
        let path = given
            .strip_prefix("sqlite://")
            .or_else(|| given.strip_prefix("sqlite:"))
            .or_else(|| given.strip_prefix("file:"))
            .unwrap_or(given);
        if path.contains("://") {
            return Err(Failure::wrong(
                "the database is neither PostgreSQL nor a SQLite file; write its people as lines \
                 instead (docs/users-import.md)",
            ));
        }
        let path = path.split('?').next().unwrap_or(path);
        if !std::path::Path::new(path).is_file() {
            return Err(Failure::wrong(format!("{path}: there is no such file")));
        }
        Ok(format!("sqlite://{path}"))
    }

    /// What is called otherwise.
    pub fn renamed(&self) -> Result<Renamed, Failure> {
        let mut renamed = Renamed::default();
        for told in &self.tables {
            let (name, own) = told
                .split_once('=')
                .ok_or_else(|| unclear("--table", told))?;
            let table = table(name).ok_or_else(|| unclear("--table", told))?;
            renamed.tables.push((table, own.to_owned()));
        }
        for told in &self.columns {
            let parts = told.split_once('=').and_then(|(place, own)| {
                let (name, field) = place.split_once('.')?;
                Some((table(name)?, field.to_owned(), own.to_owned()))
            });
            let parts = parts.ok_or_else(|| unclear("--column", told))?;
            renamed.columns.push(parts);
        }
        Ok(renamed)
    }
}

fn table(name: &str) -> Option<Table> {
    Table::ALL.into_iter().find(|table| table.name() == name)
}

fn unclear(flag: &str, told: &str) -> Failure {
    let form = match flag {
        "--table" => "user=NAME or account=NAME",
        _ => "user.FIELD=NAME or account.FIELD=NAME",
    };
    Failure::wrong(format!("{flag} {told}: it has the form {form}"))
}
