//! Database: one of its own for every test, on SQLite and on PostgreSQL, copied from one that was
//! migrated once, and gone when the test is over.

use std::{
    collections::hash_map::DefaultHasher,
    env, fs,
    hash::{Hash, Hasher},
    path::Path,
};

use entity::Db;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, Statement};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::folder::Folder;

/// Where PostgreSQL is: a URL that may create databases.
const POSTGRES: &str = "DOORWARD_TEST_POSTGRES";
/// Set to 1 by a developer who has no PostgreSQL at hand and knows what that leaves untested.
const SQLITE_ONLY: &str = "DOORWARD_TEST_SQLITE_ONLY";
/// Connections of one test; the server must hold those of all tests that run at once.
const POOL: u32 = 16;
/// Any number, the same for every process that makes the template.
const TEMPLATE_LOCK: i64 = 0x646f_6f72;

/// A database that no other test knows.
#[derive(Debug)]
pub struct Database {
    pub url: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Sqlite { _folder: Folder },
    Postgres { server: String, name: String },
}

/// Expands each function into a module of two tests: one on SQLite, one on PostgreSQL.
///
/// `both! { async fn spends_once(db: Database) { … } }`
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: Database) $body:block)*) => {
        $(mod $name {
            use super::*;

            $(#[$meta])*
            async fn on($db: $crate::support::database::Database) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                on($crate::support::database::Database::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(db) = $crate::support::database::Database::postgres().await {
                    on(db).await;
                }
            }
        })*
    };
}
pub(crate) use both;

impl Database {
    /// A migrated SQLite database.
    pub async fn sqlite() -> Self {
        static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
        let template = TEMPLATE
            .get_or_init(|| async {
                let empty = Self::empty_sqlite();
                migrate(&empty.url).await;
                fs::read(file(&empty.url)).expect("a migrated file")
            })
            .await;
        let db = Self::empty_sqlite();
        fs::write(file(&db.url), template).expect("a file for a test");
        db
    }

    /// A migrated PostgreSQL database; none where a developer said that there is no server. Without
    /// such a word a missing server is a failure: a test that silently does nothing proves nothing.
    pub async fn postgres() -> Option<Self> {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        let server = server()?;
        let template = TEMPLATE.get_or_init(|| template(&server)).await;
        Some(Self::new_postgres(server.clone(), template).await)
    }

    /// One more migrated database of the same kind.
    pub async fn fresh_like(&self) -> Self {
        match &self.place {
            Place::Sqlite { .. } => Self::sqlite().await,
            Place::Postgres { .. } => Self::postgres().await.expect("a server, as before"),
        }
    }

    /// One more database of the same kind, without any table.
    pub async fn empty_like(&self) -> Self {
        match &self.place {
            Place::Sqlite { .. } => Self::empty_sqlite(),
            Place::Postgres { server, .. } => Self::new_postgres(server.clone(), "template0").await,
        }
    }

    /// The connections that Doorward itself would open.
    pub async fn connect(&self) -> Db {
        Db::connect(&self.url, POOL)
            .await
            .expect("a connection to the test's database")
    }

    fn empty_sqlite() -> Self {
        let folder = Folder::new();
        Self {
            url: format!("sqlite://{}", folder.path().join("doorward.db").display()),
            place: Place::Sqlite { _folder: folder },
        }
    }

    async fn new_postgres(server: String, template: &str) -> Self {
        let name = format!("doorward_test_{}", Uuid::now_v7().simple());
        let admin = admin(&server).await;
        run(
            &admin,
            &format!("CREATE DATABASE {name} TEMPLATE {template}"),
        )
        .await;
        Self {
            url: on_server(&server, &name),
            place: Place::Postgres { server, name },
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Place::Postgres { server, name } = &self.place else {
            return;
        };
        let (server, name) = (server.clone(), name.clone());
        // A thread and a runtime of its own: those of the test may be ending.
        let drop = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(async {
                // FORCE: the test's pool may still be open.
                run(
                    &admin(&server).await,
                    &format!("DROP DATABASE {name} WITH (FORCE)"),
                )
                .await;
            });
        });
        drop.join().ok();
    }
}

/// The server's URL. None only where a developer asked to do without.
fn server() -> Option<String> {
    match env::var(POSTGRES) {
        Ok(url) => Some(url),
        Err(_) if env::var(SQLITE_ONLY).is_ok_and(|word| word == "1") => {
            eprintln!("left out: {SQLITE_ONLY}=1 and no {POSTGRES}");
            None
        }
        Err(_) => panic!(
            "no PostgreSQL to test on: run `make test-rust`, which starts one (or set \
             {SQLITE_ONLY}=1 to leave PostgreSQL untested)"
        ),
    }
}

/// The name of a migrated database on the server. One for each state of the migrations, so that the
/// next run finds it; made under a lock, because several processes may start at once.
async fn template(server: &str) -> String {
    let name = format!("doorward_template_{:016x}", migrations());
    let admin = admin(server).await;
    run(&admin, &format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await;
    let find = format!("SELECT 1 AS found FROM pg_database WHERE datname = '{name}'");
    let find = Statement::from_string(DatabaseBackend::Postgres, find);
    let found = admin
        .query_one_raw(find)
        .await
        .expect("a list of databases");
    if found.is_none() {
        // It gets its name when it is whole: a run that was stopped half-way leaves no half template.
        let half = format!("{name}_half");
        run(
            &admin,
            &format!("DROP DATABASE IF EXISTS {half} WITH (FORCE)"),
        )
        .await;
        run(
            &admin,
            &format!("CREATE DATABASE {half} TEMPLATE template0"),
        )
        .await;
        migrate(&on_server(server, &half)).await;
        run(&admin, &format!("ALTER DATABASE {half} RENAME TO {name}")).await;
    }
    // Closing the connection gives the lock back.
    admin.close().await.expect("a closed connection");
    name
}

/// What the migrations are, as a number.
fn migrations() -> u64 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migration/src");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the migrations")
        .map(|entry| entry.expect("a migration").path())
        .collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        fs::read(file).expect("a migration").hash(&mut hasher);
    }
    hasher.finish()
}

async fn migrate(url: &str) {
    let db = Db::connect(url, 1).await.expect("a new database");
    Migrator::up(&db.write, None)
        .await
        .expect("migrations that run");
    // The last connection to a SQLite file takes its write-ahead log in.
    db.read.close().await.expect("a closed connection");
    db.write.close().await.expect("a closed connection");
}

/// One connection to the server's own database.
async fn admin(server: &str) -> DatabaseConnection {
    let db = Db::connect(server, 1).await;
    db.unwrap_or_else(|error| panic!("{POSTGRES} names no server that answers: {error}"))
        .write
}

async fn run(db: &DatabaseConnection, sql: &str) {
    db.execute_unprepared(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The server's URL with another database.
fn on_server(server: &str, database: &str) -> String {
    let mut url = url::Url::parse(server).expect("a URL in DOORWARD_TEST_POSTGRES");
    url.set_path(database);
    url.into()
}

fn file(sqlite: &str) -> &Path {
    Path::new(sqlite.trim_start_matches("sqlite://"))
}
