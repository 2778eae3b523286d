//! Where a password comes from: never from the command line itself, which others on the machine
//! can read.

use std::{
    fs,
    io::{self, IsTerminal, Read},
    path::PathBuf,
};

use clap::Args;
use doorward::server::fresh_password::fresh_password;
use secrecy::{ExposeSecret, SecretString};

use crate::verbs::{Failure, print};

#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct Given {
    /// Read the password from stdin.
    #[arg(long)]
    password_stdin: bool,
    /// Read the password from a file.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Make one up, and show it once.
    #[arg(long)]
    generate_password: bool,
}

/// A password, and whether we made it up.
#[derive(Debug)]
pub struct Chosen {
    text: SecretString,
    generated: bool,
}

impl Given {
    /// The password, or none if none was asked for. A line break at its end is not part of it.
    pub fn read(&self) -> Result<Option<Chosen>, Failure> {
        let read = match (&self.password_file, self.password_stdin) {
            (Some(file), _) => fs::read_to_string(file)
                .map_err(|error| Failure::wrong(format!("{}: {error}", file.display())))?,
            (None, true) => from_stdin()?,
            (None, false) => {
                return Ok(self.generate_password.then(|| Chosen {
                    text: SecretString::from(fresh_password()),
                    generated: true,
                }));
            }
        };
        Ok(Some(Chosen {
            text: SecretString::from(read.trim_end_matches(['\r', '\n'])),
            generated: false,
        }))
    }
}

impl Chosen {
    pub fn text(&self) -> &str {
        self.text.expose_secret()
    }

    /// The text, but only if nobody knows it yet.
    pub fn to_show(&self) -> Option<&str> {
        self.generated.then(|| self.text())
    }

    /// Shows it to people, under the same condition.
    pub fn show(&self) {
        if let Some(password) = self.to_show() {
            print::say(&format!("password  {password}  (shown this once)"));
        }
    }
}

fn from_stdin() -> Result<String, Failure> {
    let mut stdin = io::stdin().lock();
    if stdin.is_terminal() {
        // It would be shown while it is typed.
        return Err(Failure::wrong(
            "--password-stdin reads from a pipe, as in: pass show ada | doorward user add … --password-stdin",
        ));
    }
    let mut text = String::new();
    stdin
        .read_to_string(&mut text)
        .map_err(|error| Failure::wrong(format!("stdin: {error}")))?;
    Ok(text)
}
