//! Opening the house: folder, database, schema, secrets and keys, made where they are missing.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use entity::Db;
use sea_orm::{ConnectionTrait, DbErr};

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
    #[error("the database cannot be opened; check database.url, and that its server runs ({0})")]
    Database(#[from] DbErr),
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

/// Our turn to make what is missing. Several processes may start at once on a new folder or
/// database: one makes the schema, the root secret and the keys, the others wait, and find them.
#[derive(Debug)]
pub struct Turn {
    /// One connection, because a lock of PostgreSQL belongs to it.
    db: Db,
    is_embedded: bool,
    /// Given back when it is dropped.
    _lock: File,
}

/// "doorward" as a number: the name of the lock in a PostgreSQL database.
const LOCK: i64 = 0x646f_6f72_7761_7264;

impl Turn {
    /// Waits for our turn.
    pub async fn take(config: &Config) -> Result<Self, OpenError> {
        prepare(config)?;
        let lock = lock(config)?;
        let url = config.database_url();
        let db = Db::connect(&url, 1).await?;
        if !is_embedded(&url) {
            let take = format!("SELECT pg_advisory_lock({LOCK})");
            db.write.execute_unprepared(&take).await?;
        }
        Ok(Self {
            db,
            is_embedded: is_embedded(&url),
            _lock: lock,
        })
    }

    /// Brings the schema up, and answers which steps that took.
    pub async fn migrate(&self) -> Result<Vec<String>, OpenError> {
        Ok(schema::bring_up(&self.db).await?)
    }

    /// Opens everything that the server or a verb needs.
    pub async fn open(
        &self,
        config: Config,
        clock: Clock,
        behind: Behind,
    ) -> Result<App, OpenError> {
        if self.is_embedded || behind == Behind::Migrate {
            self.migrate().await?;
        }
        schema::require(&self.db).await?;
        let db = connect(&config).await?;
        Ok(App::open(config, db, clock).await?)
    }

    /// Lets the next one have theirs.
    pub async fn end(self) -> Result<(), OpenError> {
        self.db.read.close().await?;
        self.db.write.close().await?;
        Ok(())
    }
}

/// Opens everything that a verb needs.
pub async fn open(config: Config, clock: Clock, behind: Behind) -> Result<App, OpenError> {
    let turn = Turn::take(&config).await?;
    let app = turn.open(config, clock, behind).await?;
    turn.end().await?;
    Ok(app)
}

/// Whether there is a database to look at. Of one that is not embedded only its server knows.
pub fn exists(config: &Config) -> bool {
    database_file(&config.database_url()).is_none_or(|file| file.exists())
}

/// Connects, and makes nothing but the folder and the file of an embedded database.
pub async fn connect(config: &Config) -> Result<Db, OpenError> {
    prepare(config)?;
    Ok(Db::connect(&config.database_url(), config.database.pool).await?)
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
        // Never opened where it is there: closing it again would take away the locks that this process
        // holds on it by way of SQLite (POSIX), and whoever comes by next would find nobody at home.
        options.write(true).create_new(true);
        private_file(&mut options);
        match options.open(&file) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(OpenError::file(&file, error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Makes a folder that nobody else may enter, unless it is there.
pub fn folder(path: &Path) -> Result<(), OpenError> {
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

/// The lock of the folder, once no other process holds it.
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
