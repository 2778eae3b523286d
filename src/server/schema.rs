//! The schema of the database that we were given: how far it is, and bringing it up to what this
//! version needs.

use entity::Db;
use migration::{Migrator, MigratorTrait};
use sea_orm::DbErr;

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
    #[error("the database could not be migrated: {0}")]
    Db(DbErr),
}

/// One step, and whether the database has taken it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub name: String,
    pub applied: bool,
}

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
pub async fn bring_up(db: &Db) -> Result<Vec<String>, SchemaError> {
    let steps = status(db).await?;
    let missing: Vec<String> = steps
        .into_iter()
        .filter(|step| !step.applied)
        .map(|step| step.name)
        .collect();
    if !missing.is_empty() {
        Migrator::up(&db.write, None).await?;
    }
    Ok(missing)
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
