//! A Doorward to measure: a database of its own in a folder that goes when it goes.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use doorward::{
    app::App,
    clients::register::{self, NewClient},
    clock::Clock,
    config::Config,
    crypto::password::Password,
    http,
};
use entity::Db;
use migration::{Migrator, MigratorTrait};
use secrecy::ExposeSecret;
use tokio::net::TcpStream;

use crate::{bare, load};

pub struct World {
    pub port: u16,
    app: App,
    client_id: String,
    client_secret: String,
    folder: PathBuf,
}

impl World {
    pub async fn open() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("doorward-bench-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder)?;
        let config = Config {
            data_dir: folder.clone(),
            development: true,
            ..Config::default()
        };
        let db = Db::connect(&config.database_url(), config.database.pool).await?;
        Migrator::up(&db.write, None).await?;
        let app = App::open(config, db, Clock::default()).await?;
        let added = register::add(
            &app,
            NewClient {
                scope: entity::value::Scope::default(),
                ..NewClient::named("Bench")
            },
        )
        .await?;
        let secret = added
            .secret
            .ok_or_else(|| anyhow::anyhow!("a client without a secret"))?;
        Ok(Self {
            port: bare::serve(http::routes(app.clone())).await?,
            app,
            client_id: added.client.client_id,
            client_secret: secret.expose_secret().to_owned(),
            folder,
        })
    }

    pub fn client_credentials(&self) -> String {
        let (id, secret) = (&self.client_id, &self.client_secret);
        format!("grant_type=client_credentials&client_id={id}&client_secret={secret}")
    }

    /// What a path answers.
    pub async fn body(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        let mut body = Vec::new();
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        load::ask(&mut stream, request.as_bytes(), &mut body).await?;
        Ok(body)
    }

    /// Password checks per second through the pool under load, and one after the other on as many
    /// threads as there are cores.
    #[expect(
        clippy::disallowed_methods,
        reason = "measures how long something takes"
    )]
    pub async fn password_checks(&self, span: Duration) -> anyhow::Result<(f64, f64)> {
        let typed = "a bridge of nine swallows";
        let password = Password::new(typed).map_err(|_| anyhow::anyhow!("a password"))?;
        let hash = self.app.passwords.hash(&password).await?;
        let cores = std::thread::available_parallelism()?.get();
        let mut rates = Vec::new();
        // Ten waiting for each core, then one: what the pool loses is what waiting costs.
        for waiting in [cores * 10, cores] {
            let end = Instant::now() + span;
            let checks: Vec<_> = (0..waiting)
                .map(|_| {
                    let (app, hash) = (self.app.clone(), hash.clone());
                    tokio::spawn(async move {
                        let mut done = 0u32;
                        while Instant::now() < end {
                            app.passwords.verify(typed, Some(&hash)).await?;
                            done += 1;
                        }
                        anyhow::Ok(done)
                    })
                })
                .collect();
            let mut done = 0;
            for check in checks {
                done += check.await??;
            }
            rates.push(f64::from(done) / span.as_secs_f64());
        }
        Ok((rates[0], rates[1]))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}
