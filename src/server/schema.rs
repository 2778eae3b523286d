//! The schema of the database that we were given: how far it is, and bringing it up to what this
//! version needs.

use entity::Db;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbErr};

/// Why the schema cannot be used. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    #[error(
        "the database was migrated by a newer version of Doorward; start that version, or restore \
         the database from before"
    )]
    Newer,
    #[error("the database is {0} migrations behind; run: doorward migrate up")]
    Behind(usize),
    #[error("{}", cannot_be_opened(.0))]
    Closed(DbErr),
    #[error("the database could not be migrated: {0}")]
    Db(DbErr),
}

/// One step, and whether the database has taken it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub name: String,
    pub applied: bool,
}

/// "doorward" as a number: the name of the lock under which a PostgreSQL database is migrated.
const LOCK: i64 = 0x646f_6f72_7761_7264;

/// All steps in their order. Changes nothing.
pub async fn status(db: &Db) -> Result<Vec<Step>, SchemaError> {
    let pending = Migrator::get_pending_migrations_read_only(&db.read).await?;
    let mut steps = untouched();
    for step in &mut steps {
        step.applied = pending.iter().all(|pending| pending.name() != step.name);
    }
    Ok(steps)
}

/// All steps, on a database that has taken none.
pub fn untouched() -> Vec<Step> {
    let steps = Migrator::migrations();
    steps
        .iter()
        .map(|step| Step {
            name: step.name().to_owned(),
            applied: false,
        })
        .collect()
}

/// Refuses a schema on which something is missing.
pub async fn require(db: &Db) -> Result<(), SchemaError> {
    match status(db)
        .await?
        .iter()
        .filter(|step| !step.applied)
        .count()
    {
        0 => Ok(()),
        behind => Err(SchemaError::Behind(behind)),
    }
}

/// Takes the steps that are missing and says which they were.
pub async fn bring_up(url: &str) -> Result<Vec<String>, SchemaError> {
    // One connection, because the lock belongs to it: of several processes that start at once on
    // one database the others wait, and then find nothing left to do. Beside a SQLite file the
    // caller holds a lock of its own.
    let db = Db::connect(url, 1).await.map_err(SchemaError::Closed)?;
    if !is_embedded(url) {
        let lock = format!("SELECT pg_advisory_lock({LOCK})");
        db.write.execute_unprepared(&lock).await?;
    }
    let missing: Vec<String> = status(&db)
        .await?
        .into_iter()
        .filter(|step| !step.applied)
        .map(|step| step.name)
        .collect();
    if !missing.is_empty() {
        Migrator::up(&db.write, None).await?;
    }
    // Closing gives the lock back.
    db.read.close().await?;
    db.write.close().await?;
    Ok(missing)
}

/// What there is to say about a database to which no connection could be made.
pub(super) fn cannot_be_opened(error: &DbErr) -> String {
    format!("the database cannot be opened; check database.url, and that its server runs ({error})")
}

/// Whether the database is the embedded one.
pub fn is_embedded(url: &str) -> bool {
    url.starts_with("sqlite:")
}

impl From<DbErr> for SchemaError {
    fn from(error: DbErr) -> Self {
        match error {
            // What the migrator says about a step in the database that it has no code for.
            DbErr::Custom(text) if text.contains("is missing") => Self::Newer,
            error => Self::Db(error),
        }
    }
}
