//! House: one Doorward in this process, on a database of its own, with a clock to turn.

use std::{collections::BTreeMap, sync::Arc};

use chrono::TimeDelta;
use doorward::{
    accounts::operate::{self, Wanted},
    app::App,
    clock::Clock,
    config::Config,
    http,
};
use entity::{Db, signing_key, value::Role};
use poem::{Endpoint, EndpointExt, Server, http::Method, listener::TcpAcceptor};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Statement};
use secrecy::SecretString;
use tokio::{net::TcpListener, sync::OnceCell};
use url::Url;

use super::{
    browser::Browser,
    call::{Call, Doors},
    catalogue::tables,
    database::Database,
    folder::Folder,
};

/// 32 bytes that are secret to nobody; the same for all houses, so that they can share keys.
const ROOT: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Somebody with an account, and how they sign in.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    pub email: &'static str,
    pub password: &'static str,
    pub name: &'static str,
}

/// A Doorward of its own.
pub struct House {
    pub app: App,
    pub doors: Doors,
    person: OnceCell<Person>,
    /// Dropped after the app, which holds connections to it.
    _database: Database,
    _folder: Folder,
}

impl House {
    /// Development mode on `http://localhost:8080`, with the cheapest password hashes allowed.
    pub async fn new(database: Database) -> Self {
        Self::with(database, |_| ()).await
    }

    /// The same with other settings.
    pub async fn with(database: Database, change: impl FnOnce(&mut Config)) -> Self {
        Self::behind(database, change, http::routes).await
    }

    /// The same behind other doors.
    pub async fn behind<D: Endpoint + 'static>(
        database: Database,
        change: impl FnOnce(&mut Config),
        doors: impl FnOnce(App) -> D,
    ) -> Self {
        let folder = Folder::new();
        let mut config = Config {
            data_dir: folder.path().to_owned(),
            development: true,
            ..Config::default()
        };
        config.secrets.root = Some(SecretString::from(ROOT));
        config.passwords.passes = Some(2);
        // What is off until an operator needs it can be tried here; what is on by default is tested
        // where `Features::default()` is set.
        config.features.implicit_and_hybrid = true;
        config.features.unsigned_request_objects = true;
        change(&mut config);
        let app = open(config, database.connect().await, Clock::default()).await;
        Self {
            doors: Arc::new(doors(app.clone()).map_to_response().boxed()),
            person: OnceCell::new(),
            app,
            _database: database,
            _folder: folder,
        }
    }

    /// The same with a port of its own, for what calls its issuer by HTTP.
    pub async fn listening(database: Database) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let house = Self::with(database, |config| {
            config.server.listen = address;
            config.server.issuer = format!("http://localhost:{}", address.port());
        })
        .await;
        let acceptor = TcpAcceptor::from_tokio(listener).expect("a listener");
        // Ends with the test's runtime.
        tokio::spawn(Server::new_with_acceptor(acceptor).run(Arc::clone(&house.doors)));
        house
    }

    /// The one person whom most tests need, with a proven address.
    pub async fn person(&self) -> Person {
        let person = Person {
            email: "ada@example.com",
            password: "a bridge of nine swallows",
            name: "Ada Lovelace",
        };
        let add = || async {
            let wanted = Wanted {
                email: person.email,
                name: person.name,
                password: Some(person.password),
                email_verified: true,
                role: Role::User,
                claims: None,
                image: None,
            };
            operate::add(&self.app, wanted).await.expect("a new user");
            person
        };
        *self.person.get_or_init(add).await
    }

    /// A new browser, without cookies.
    pub fn browser(&self) -> Browser<'_> {
        Browser::new(self)
    }

    /// A request of a program, without cookies.
    pub fn get(&self, path: &str) -> Call {
        Call::new(self.doors.clone(), Method::GET, self.url(path))
    }

    pub fn post(&self, path: &str) -> Call {
        Call::new(self.doors.clone(), Method::POST, self.url(path))
    }

    pub fn put(&self, path: &str) -> Call {
        Call::new(self.doors.clone(), Method::PUT, self.url(path))
    }

    pub fn delete(&self, path: &str) -> Call {
        Call::new(self.doors.clone(), Method::DELETE, self.url(path))
    }

    /// The whole address of a path here.
    pub fn url(&self, path: &str) -> Url {
        let issuer = Url::parse(&self.app.config.server.issuer).expect("an issuer");
        issuer.join(path).expect("a path")
    }

    /// Turns the clock of this house, and of nothing else.
    pub fn turn(&self, by: TimeDelta) {
        self.app.clock.turn(by);
    }

    /// As if nobody had got anything wrong or asked too often, for a test of something else.
    pub async fn forget_counts(&self) {
        for table in ["failure_counter", "limit_counter"] {
            let all = format!("DELETE FROM {table}");
            let done = self.app.db.write.execute_unprepared(&all).await;
            done.expect("a statement that runs");
        }
    }

    /// How many rows each table has: the same before and after a request that left nothing behind.
    pub async fn rows(&self) -> BTreeMap<String, i64> {
        let db = &self.app.db.read;
        let mut rows = BTreeMap::new();
        for table in tables(db).await {
            let count = format!(r#"SELECT count(*) AS rows FROM "{table}""#);
            let count = Statement::from_string(db.get_database_backend(), count);
            let row = db
                .query_one_raw(count)
                .await
                .expect("a count")
                .expect("a row");
            rows.insert(table, row.try_get("", "rows").expect("a number"));
        }
        rows
    }
}

/// Opens the app with signing keys that the first house of this process made: making an RSA key
/// costs more than most tests.
async fn open(config: Config, db: Db, clock: Clock) -> App {
    static KEYS: OnceCell<Vec<signing_key::Model>> = OnceCell::const_new();
    let mut first = None;
    let keys = KEYS
        .get_or_init(|| async {
            let app = App::open(config.clone(), db.clone(), clock.clone()).await;
            first = Some(app.expect("an app on a migrated database"));
            let keys = signing_key::Entity::find().all(&db.read).await;
            keys.expect("the keys of the first house")
        })
        .await;
    if let Some(app) = first {
        return app;
    }
    for key in keys {
        let key = key.clone().into_active_model().reset_all();
        key.insert(&db.write).await.expect("a key for this house");
    }
    App::open(config, db, clock)
        .await
        .expect("an app on a migrated database")
}
