//! The two ways to the database: many readers, and one writer where the database has only one.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
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

/// Whether an error says that the database cannot be reached just now, so that asking again later
/// may help.
pub fn is_away(error: &DbErr) -> bool {
    matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_))
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
