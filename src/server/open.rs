//! Opening the house: folder, database, schema, secrets and keys, made where they are missing.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use entity::Db;
use sea_orm::DbErr;

use super::schema::{self, SchemaError, is_embedded};
use crate::{
    app::{App, AppError},
    clock::Clock,
    config::Config,
};

/// What to do about a schema that is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// Migrate, whatever the database.
    Migrate,
    /// Migrate the embedded database; refuse another, which may have users of its own.
    MigrateEmbedded,
}

/// Why the house cannot be opened. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("{}", schema::cannot_be_opened(.0))]
    Database(DbErr),
    #[error(transparent)]
    Schema(#[from] SchemaError),
    #[error(transparent)]
    App(#[from] AppError),
}

impl OpenError {
    fn file(path: &Path, error: io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            error,
        }
    }
}

/// Opens everything that a verb or the server needs.
pub async fn open(config: Config, clock: Clock, behind: Behind) -> Result<App, OpenError> {
    let url = config.database_url();
    prepare(&config)?;
    let lock = lock(&config)?;
    if is_embedded(&url) || behind == Behind::Migrate {
        schema::bring_up(&url).await?;
    }
    let db = connect(&config).await?;
    schema::require(&db).await?;
    let app = App::open(config, db, clock).await?;
    drop(lock);
    Ok(app)
}

/// Brings the schema up, and answers which steps that took.
pub async fn migrate(config: &Config) -> Result<Vec<String>, OpenError> {
    prepare(config)?;
    let lock = lock(config)?;
    let taken = schema::bring_up(&config.database_url()).await?;
    drop(lock);
    Ok(taken)
}

/// Whether there is a database to look at. Of one that is not embedded only its server knows.
pub fn exists(config: &Config) -> bool {
    database_file(&config.database_url()).is_none_or(|file| file.exists())
}

/// Connects, and makes nothing but the folder and the file of an embedded database.
pub async fn connect(config: &Config) -> Result<Db, OpenError> {
    prepare(config)?;
    Db::connect(&config.database_url(), config.database.pool)
        .await
        .map_err(OpenError::Database)
}

/// The file of an embedded database.
fn database_file(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite://")?;
    let path = path.split('?').next().unwrap_or(path);
    Some(PathBuf::from(path))
}

/// Makes the folders, and the file of an embedded database: nobody else may read what is in it.
fn prepare(config: &Config) -> Result<(), OpenError> {
    folder(&config.data_dir)?;
    if let Some(file) = database_file(&config.database_url()) {
        if let Some(parent) = file
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            folder(parent)?;
        }
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        private_file(&mut options);
        options
            .open(&file)
            .map_err(|error| OpenError::file(&file, error))?;
    }
    Ok(())
}

fn folder(path: &Path) -> Result<(), OpenError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder
        .create(path)
        .map_err(|error| OpenError::file(path, error))
}

/// Several processes may start at once on a new folder: one makes the schema, the root secret and
/// the keys, the others wait until it drops the lock, and find them.
fn lock(config: &Config) -> Result<File, OpenError> {
    let path = config.data_dir.join("doorward.lock");
    let named = |error| OpenError::file(&path, error);
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    private_file(&mut options);
    let file = options.open(&path).map_err(named)?;
    file.lock().map_err(named)?;
    Ok(file)
}

fn private_file(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
}
