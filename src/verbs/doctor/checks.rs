//! What this machine must hold: settings, folder, root secret, database, keys, a clock that is right.

use std::path::Path;

use chrono::{DateTime, Utc};
use doorward::{
    config::Config,
    crypto::Root,
    pwned::Filter,
    server::{development, open, schema},
};
use entity::{Db, user};
use secrecy::ExposeSecret;

use super::{Finding, fail, keys, letters, ok, warn};

pub fn settings(config: &Config) -> Finding {
    match config.development {
        true => ok("settings", "good; development mode, for this machine only"),
        false => ok("settings", "good; production mode"),
    }
}

pub fn data_folder(config: &Config) -> Finding {
    let check = "data folder";
    let folder = &config.data_dir;
    match mode(folder) {
        None => warn(
            check,
            format!(
                "{} is not there yet; the first start makes it",
                folder.display()
            ),
        ),
        Some(mode) if mode & 0o077 != 0 => warn(
            check,
            format!(
                "{0} can be entered by others; run: chmod 700 {0}",
                folder.display()
            ),
        ),
        Some(_) => ok(check, folder.display().to_string()),
    }
}

pub fn root_secret(config: &Config) -> Finding {
    let check = "root secret";
    let path = config.root_secret_path();
    let is_default = config.secrets.root_file.is_none() && config.secrets.root.is_none();
    if is_default && !path.exists() {
        return warn(
            check,
            format!(
                "{} is not there yet; the first start makes it",
                path.display()
            ),
        );
    }
    match root(config) {
        Ok(_) if config.secrets.root.is_some() => ok(check, "set"),
        Ok(_) => ok(check, path.display().to_string()),
        Err(error) => fail(check, error),
    }
}

/// The filter of leaked passwords, where one is set.
pub fn breached(config: &Config) -> Option<Finding> {
    let check = "leaked passwords";
    let path = config.passwords.breached_file.as_deref()?;
    Some(match Filter::open(path) {
        Ok(filter) => ok(
            check,
            format!("{}, {} hashes", path.display(), filter.entries()),
        ),
        Err(error) => fail(check, error.to_string()),
    })
}

/// The database, and what must be in it.
pub async fn database(config: &Config, now: DateTime<Utc>) -> Vec<Finding> {
    let check = "database";
    if !open::exists(config) {
        return vec![warn(check, "not there yet; the first start makes it")];
    }
    let db = match open::connect(config).await {
        Ok(db) => db,
        Err(error) => return vec![fail(check, error.to_string())],
    };
    let mut findings = vec![ok(check, "answers")];
    match schema::require(&db).await {
        Err(error) => findings.push(fail("schema", error.to_string())),
        Ok(()) => {
            findings.push(ok("schema", "up to date"));
            findings.push(keys::keys(config, root(config).ok(), &db, now).await);
            findings.push(leftovers(config, &db).await);
            findings.push(passwords(&db).await);
            findings.push(letters::outbox(&db, now).await);
        }
    }
    findings
}

/// A clock that is wrong makes every token expired or not yet valid.
pub fn clock(now: DateTime<Utc>) -> Finding {
    let text = now.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    // The newest step of the schema is named after the day on which it was written.
    let made = schema::untouched()
        .last()
        .and_then(|step| step.name.get(1..9).map(str::to_owned))
        .unwrap_or_default();
    match now.format("%Y%m%d").to_string() < made {
        true => fail(
            "clock",
            format!("{text} is before this version was made; set the clock, for example by NTP"),
        ),
        false => ok("clock", text),
    }
}

/// What development mode made and production should not have.
async fn leftovers(config: &Config, db: &Db) -> Finding {
    let check = "demo user";
    if config.development {
        return ok(check, "belongs to development mode");
    }
    match user::by_email(&db.read, development::DEMO_EMAIL).await {
        Err(error) => fail(check, error.to_string()),
        Ok(None) => ok(check, "none"),
        Ok(Some(_)) => warn(
            check,
            format!(
                "left from development mode; run: doorward user remove {}",
                development::DEMO_EMAIL
            ),
        ),
    }
}

/// Passwords that people brought along from another system, and have not used here yet.
async fn passwords(db: &Db) -> Finding {
    let check = "passwords";
    match user::moving::foreign_hashes(&db.read).await {
        Err(error) => fail(check, error.to_string()),
        Ok((all, 0)) => ok(check, format!("{all}, all of them hashed here")),
        Ok((all, foreign)) => ok(
            check,
            format!(
                "{all}, of which {foreign} are hashed as another system did it, until their owners \
                 sign in"
            ),
        ),
    }
}

fn root(config: &Config) -> Result<Root, String> {
    let root = match &config.secrets.root {
        Some(root) => Root::parse(root.expose_secret()),
        None => Root::at(&config.root_secret_path(), false),
    };
    root.map_err(|error| error.to_string())
}

/// The permissions of a file; none if it is not there.
fn mode(path: &Path) -> Option<u32> {
    let metadata = std::fs::metadata(path).ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        Some(metadata.permissions().mode())
    }
    #[cfg(not(unix))]
    {
        drop(metadata);
        Some(0)
    }
}
