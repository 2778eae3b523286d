//! Foreign: the people and ways in that lie in the database of another system, read and never
//! written. The tables are not ours, so their names are found out, and every row comes as JSON.

mod layout;
mod statement;

use std::{pin::Pin, time::Duration};

use futures_util::{Stream, StreamExt};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, QueryResult, StreamTrait,
};
use serde_json::Value;

pub use layout::{Layout, LayoutError, Renamed, Table};

/// A database of another system, open for reading.
#[derive(Debug)]
pub struct Foreign {
    db: DatabaseConnection,
    layout: Layout,
}

/// Why it cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    #[error(transparent)]
    Layout(#[from] LayoutError),
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// A person and their ways in. The members are those of [`Table::fields`], where there is such a
/// column; times are text or numbers, as the database has them.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    pub user: Value,
    pub accounts: Vec<Value>,
}

/// Everybody, in the order of their ids, as they were when the reading began.
pub struct Everybody {
    rows: Pin<Box<dyn Stream<Item = Result<QueryResult, DbErr>> + Send>>,
    /// Whose rows are being read.
    last: Option<Person>,
}

impl Foreign {
    /// Opens `url` (`sqlite://PATH` or `postgres://…`) and finds out where the people are.
    pub async fn open(url: &str, renamed: &Renamed) -> Result<Self, ForeignError> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(1)
            .sqlx_logging(false)
            .record_stmt_in_spans(false)
            .idle_timeout(None::<Duration>)
            .max_lifetime(None::<Duration>)
            .connect_timeout(Duration::from_secs(10))
            .acquire_timeout(Duration::from_secs(10))
            .map_sqlx_sqlite_opts(|sqlite| sqlite.read_only(true).create_if_missing(false));
        let db = Database::connect(options).await?;
        for setting in statement::settings(db.get_database_backend()) {
            db.execute_unprepared(setting).await?;
        }
        let columns = statement::columns(&db).await?;
        let layout = Layout::of(&columns, renamed)?;
        Ok(Self { db, layout })
    }

    /// How its tables are called.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Begins to read.
    pub async fn everybody(&self) -> Result<Everybody, DbErr> {
        let statement = statement::everybody(self.db.get_database_backend(), &self.layout);
        let rows = self.db.stream_raw(statement).await?;
        Ok(Everybody {
            // Asked once more when it has ended.
            rows: Box::pin(rows.fuse()),
            last: None,
        })
    }
}

impl Everybody {
    /// The next `most` people; none at the end.
    pub async fn page(&mut self, most: usize) -> Result<Vec<Person>, DbErr> {
        let mut page = Vec::new();
        while page.len() < most {
            let Some(row) = self.rows.next().await else {
                page.extend(self.last.take());
                break;
            };
            let row = row?;
            let user = json(&row, "person")?.unwrap_or_default();
            let account = json(&row, "way_in")?;
            match &mut self.last {
                Some(last) if !user["id"].is_null() && last.user["id"] == user["id"] => {
                    last.accounts.extend(account)
                }
                last => page.extend(last.replace(Person {
                    user,
                    accounts: account.into_iter().collect(),
                })),
            }
        }
        Ok(page)
    }
}

impl std::fmt::Debug for Everybody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Everybody(…)")
    }
}

/// A row as JSON, or null where the database holds what is none.
fn json(row: &QueryResult, column: &str) -> Result<Option<Value>, DbErr> {
    let text: Option<Vec<u8>> = row.try_get("", column)?;
    Ok(text.map(|text| serde_json::from_slice(&text).unwrap_or_default()))
}
