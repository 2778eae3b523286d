//! The two ways to the database: many readers, and one writer where the database has only one.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbErr, RuntimeErr,
    SqliteTransactionMode, SqlxError, TransactionOptions, TransactionTrait,
};

/// The connections of one process. Both fields reach the same database.
///
/// SQLite has one writer; sending every write through one connection makes waiting a fair queue in
/// this process instead of a race for the file lock. PostgreSQL uses one pool for both.
#[derive(Clone, Debug)]
pub struct Db {
    /// For finders. Sees what is committed.
    pub read: DatabaseConnection,
    /// For inserts, updates, deletes and transactions.
    pub write: DatabaseConnection,
}

impl Db {
    /// Opens `url` (`sqlite://PATH` or `postgres://…`) with at most `pool` connections.
    pub async fn connect(url: &str, pool: u32) -> Result<Self, DbErr> {
        if url.starts_with("sqlite:") {
            let write = Database::connect(sqlite(url, 1)).await?;
            let read = Database::connect(sqlite(url, pool)).await?;
            return Ok(Self { read, write });
        }
        let mut options = quiet(url);
        options.max_connections(pool).min_connections(1);
        let write = Database::connect(options).await?;
        Ok(Self {
            read: write.clone(),
            write,
        })
    }

    /// Starts a transaction that may write. On SQLite it takes the write lock at once, so that a
    /// later statement cannot fail because another process wrote in between.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.write
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            })
            .await
    }
}

/// What SQLite says where nothing is wrong with the statement: it is busy, locked, read-only or full,
/// or its file cannot be read, written or opened.
const SQLITE_AWAY: [u32; 6] = [5, 6, 8, 10, 13, 14];

/// The same of PostgreSQL, by the class of its codes: the connection has failed, it is a standby that
/// does not write, somebody else was in the way, it has no room, an operator or a time limit has
/// ended it, or its disk fails.
const POSTGRES_AWAY: [&str; 6] = ["08", "25006", "40", "53", "57", "58"];

/// Whether an error says that the database cannot do its work just now, so that asking again later
/// may help.
pub fn is_away(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            is_away_by_itself(error)
        }
        _ => false,
    }
}

/// Whether an error says that two transactions waited for one another, and this one gave way: what it
/// had done is undone, and it can be done again (PostgreSQL: class 40). SQLite lets one write at a time.
pub fn is_conflict(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code.len() == 5 && code.starts_with("40"))
}

/// An error that may be about a conflict, as [`is_conflict`] says.
pub trait Conflict {
    fn is_conflict(&self) -> bool;
}

impl Conflict for DbErr {
    fn is_conflict(&self) -> bool {
        is_conflict(self)
    }
}

/// How often something that met somebody on its way is tried.
const TRIES: usize = 5;

/// Does something in a transaction of its own, and does it again where that gave way to another one:
/// whoever redeems a code holds it and may wait for the session, and who ends everything of a person
/// holds the session and waits for the code. The other one is through by then.
pub async fn unless_conflict<T, E, F>(attempt: impl Fn() -> F) -> Result<T, E>
where
    E: Conflict,
    F: Future<Output = Result<T, E>>,
{
    for _ in 1..TRIES {
        match attempt().await {
            Err(error) if error.is_conflict() => {}
            done => return done,
        }
    }
    attempt().await
}

fn is_away_by_itself(error: &SqlxError) -> bool {
    match error {
        SqlxError::Io(_)
        | SqlxError::PoolTimedOut
        | SqlxError::PoolClosed
        | SqlxError::WorkerCrashed => true,
        SqlxError::Database(error) => error.code().is_some_and(|code| {
            // SQLite's are numbers, whose lowest byte is the kind; PostgreSQL's have five characters.
            match code.parse::<u32>() {
                Ok(number) if code.len() < 5 => SQLITE_AWAY.contains(&(number & 0xff)),
                _ => POSTGRES_AWAY.iter().any(|away| code.starts_with(away)),
            }
        }),
        _ => false,
    }
}

fn quiet(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        // Connections live as long as the pool: a dead one is noticed when it is taken. sqlx 0.9 closes
        // old ones in a task that never ends if the pool is closed meanwhile (it counts its idle
        // connections below zero), and a command would hang on its way out.
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .connect_timeout(Duration::from_secs(2))
        .acquire_timeout(Duration::from_secs(5));
    options
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = quiet(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .map_sqlx_sqlite_opts(|sqlite| {
            // WAL lets readers go on while the writer writes; NORMAL is durable against a crash of the
            // process, and loses at most the last commits (never consistency) when the power fails.
            sqlite
                .create_if_missing(true)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "NORMAL")
        });
    options
}
