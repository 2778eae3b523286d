//! The command line: the real binary in a folder of its own, with nothing of our environment but
//! what a test gives it.

mod clients;
mod clients_protocol;
mod development;
mod doctor;
mod hardness;
mod jobs;
mod keys;
mod migrations;
mod moving;
mod providers;
mod pwned;
mod secrets;
mod serving;
mod settings;
mod tls;
mod usage;
mod users;

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

use crate::support::folder::Folder;

/// A folder in which `doorward` is run.
struct Cli {
    folder: Folder,
    environment: Vec<(String, String)>,
}

/// What a run ended with.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Cli {
    fn new() -> Self {
        Self {
            folder: Folder::new(),
            environment: Vec::new(),
        }
    }

    /// The same with a variable in its environment.
    fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Writes a file that only its owner may read.
    fn write(&self, file: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path(file);
        fs::write(&path, text).expect("a file for a test");
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("its permissions");
    }

    /// The permissions of a file or folder.
    fn mode(&self, file: &str) -> u32 {
        use std::os::unix::fs::PermissionsExt;
        let metadata = fs::metadata(self.path(file)).expect("a file");
        metadata.permissions().mode() & 0o777
    }

    fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a verb to its end.
    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().expect("a run"))
    }

    /// Runs a verb that reads `text` from stdin.
    fn told(&self, arguments: &[&str], text: &str) -> Ran {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .spawn()
            .expect("a run");
        let mut stdin = child.stdin.take().expect("its stdin");
        stdin.write_all(text.as_bytes()).expect("a listener");
        drop(stdin);
        Ran::from(child.wait_with_output().expect("an end"))
    }

    /// Runs a verb with `--json` and reads what it answers.
    fn json(&self, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--json"]].concat();
        let ran = self.run(&arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }
}

impl Ran {
    /// It ended with `code`, printed nothing on stdout, and said why in one line with all of `words`.
    #[track_caller]
    fn refused(&self, code: i32, words: &[&str]) -> &Self {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.out, "", "{self:?}");
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "no {word:?}: {self:?}");
        }
        self
    }

    /// It did what it was asked, and said so.
    #[track_caller]
    fn done(&self, words: &[&str]) -> &Self {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{self:?}");
        for word in words {
            assert!(self.out.contains(word), "no {word:?}: {self:?}");
        }
        self
    }
}

/// A time as every JSON of ours writes it: exactly three fractional digits and `Z`.
#[track_caller]
fn is_time(value: &Value) {
    let text = value.as_str().unwrap_or_else(|| panic!("no time: {value}"));
    let parsed = chrono::DateTime::parse_from_rfc3339(text);
    assert!(parsed.is_ok() && text.ends_with('Z'), "{text}");
    assert_eq!(text.len(), "2026-01-01T00:00:00.000Z".len(), "{text}");
}
