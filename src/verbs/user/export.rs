//! `user export`: everybody, a line each.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use doorward::{accounts::moving::export, app::App};
use serde_json::json;

use crate::verbs::{Failure, Global, print};

#[derive(Debug, Args)]
pub struct Export {
    /// A new file, which only its owner may read. Default: stdout.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub async fn run(global: &Global, app: &App, wanted: Export) -> Result<(), Failure> {
    let Some(path) = wanted.output else {
        let mut out = BufWriter::new(io::stdout().lock());
        write(app, &mut out).await?;
        return Ok(());
    };
    let file = create(&path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::wrong(format!(
            "{} is there already; remove it or name another",
            path.display()
        )),
        _ => named(&path, &error),
    })?;
    let mut out = BufWriter::new(file);
    let written = write(app, &mut out).await;
    let kept = written.and_then(|users| {
        out.get_ref().sync_all()?;
        Ok(users)
    });
    let users = match kept {
        Ok(users) => users,
        Err(failure) => {
            // Half of the people would look like all of them.
            fs::remove_file(&path).ok();
            return Err(failure);
        }
    };
    if global.json {
        return print::json(&json!({ "output": path, "users": users }));
    }
    print::say(&format!(
        "{users} written to {}. The file is a secret: it holds the hashes of passwords.",
        path.display()
    ));
    Ok(())
}

/// Writes everybody. Answers how many they are.
async fn write(app: &App, out: &mut impl Write) -> Result<u64, Failure> {
    let mut export = export::Export::new(app);
    let mut users = 0;
    loop {
        let page = export.page().await?;
        if page.is_empty() {
            out.flush()?;
            return Ok(users);
        }
        for line in page {
            serde_json::to_writer(&mut *out, &line).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
            users += 1;
        }
    }
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

fn named(path: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!("{}: {error}", path.display()))
}
