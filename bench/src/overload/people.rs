//! The people who sign in: many accounts, each asked for from an address of its own, so that no limit
//! but that of the machine is met; and one application.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use doorward::{
    accounts::register::{self as accounts, NewUser},
    clients::register::{self as clients, NewClient},
    clock::Clock,
    config::Config,
    crypto::password::{Password, Passwords},
    server::open::{Behind, open},
};
use entity::value::{Role, Scope, StandardClaims};
use secrecy::ExposeSecret;
use tokio::{net::TcpListener, time::Instant};

use super::http::{self, Wire};

/// By which name the world knows the server; a proxy on loopback passes it on.
pub const HOST: &str = "id.bench.example";
const PASSWORD: &str = "a bridge of nine swallows";
const ACCOUNTS: usize = 3000;
const BROWSERS: usize = 200;

/// What a server is started on.
pub struct Seeded {
    pub folder: PathBuf,
    pub port: u16,
    pub passes: u32,
    pub cores: usize,
    /// Password checks per second where nothing else is done.
    pub argon2: f64,
    client: (String, String),
}

pub struct People {
    /// A cookie and a form token for each browser.
    browsers: Vec<(String, String)>,
    client: (String, String),
}

/// Makes a folder with settings, accounts and an application.
pub async fn seed(threads: Option<usize>) -> anyhow::Result<Seeded> {
    let folder = std::env::temp_dir().join(format!("doorward-overload-{}", uuid::Uuid::now_v7()));
    std::fs::create_dir_all(&folder)?;
    let port = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
    let pool = Arc::new(Passwords::new(None, None));
    let password = Password::new(PASSWORD).map_err(|_| anyhow::anyhow!("a password"))?;
    let hash = pool.hash(&password).await?;
    let passes = passes(&hash).ok_or_else(|| anyhow::anyhow!("no passes in the hash"))?;
    let cores = std::thread::available_parallelism()?.get();
    let argon2 = alone(&pool, &hash, cores).await?;
    let threads = threads.map_or_else(String::new, |threads| format!("threads = {threads}\n"));
    let settings = format!(
        "data_dir = \"data\"\n[server]\nlisten = \"127.0.0.1:{port}\"\nissuer = \"https://{HOST}\"\n\
         trusted_proxies = [\"127.0.0.1/32\"]\n[passwords]\npasses = {passes}\n{threads}"
    );
    std::fs::write(folder.join("doorward.toml"), settings)?;
    let mut config = Config {
        data_dir: folder.join("data"),
        ..Config::default()
    };
    config.server.issuer = format!("https://{HOST}");
    config.passwords.passes = Some(passes);
    let app = open(config, Clock::default(), Behind::Migrate).await?;
    let scope = Scope::default();
    let added = clients::add(
        &app,
        NewClient {
            scope,
            ..NewClient::named("Bench")
        },
    )
    .await?;
    let secret = added
        .secret
        .ok_or_else(|| anyhow::anyhow!("a client without a secret"))?;
    let tx = app.db.begin().await?;
    for number in 0..ACCOUNTS {
        let new = NewUser {
            email: email(number),
            name: None,
            password_hash: Some(hash.clone()),
            email_verified: Some(app.clock.now()),
            role: Role::User,
            claims: StandardClaims::default(),
            image: None,
        };
        accounts::add(&app, &tx, new).await?;
    }
    tx.commit().await?;
    Ok(Seeded {
        folder,
        port,
        passes,
        cores,
        argon2,
        client: (added.client.client_id, secret.expose_secret().to_owned()),
    })
}

/// The passes of a PHC string.
fn passes(hash: &str) -> Option<u32> {
    let (_, rest) = hash.split_once("t=")?;
    rest.split([',', '$']).next()?.parse().ok()
}

async fn alone(pool: &Arc<Passwords>, hash: &str, cores: usize) -> anyhow::Result<f64> {
    let (began, span) = (Instant::now(), Duration::from_secs(4));
    let checks: Vec<_> = (0..cores * 2)
        .map(|_| {
            let (pool, hash) = (Arc::clone(pool), hash.to_owned());
            tokio::spawn(async move {
                let mut done = 0u32;
                while began.elapsed() < span {
                    pool.verify(PASSWORD, Some(&hash)).await?;
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
    Ok(f64::from(done) / began.elapsed().as_secs_f64())
}

fn email(number: usize) -> String {
    format!("person{number}@bench.example")
}

impl People {
    /// Lets every browser look at the sign-in page.
    pub async fn meet(seeded: &Seeded) -> anyhow::Result<Self> {
        let wire = Wire::to(seeded.port);
        let mut browsers = Vec::new();
        for _ in 0..BROWSERS {
            let page = wire.ask(&http::get("/login", HOST)).await?;
            let cookie = page
                .header("set-cookie:")
                .and_then(|line| line.split(';').next());
            let text = String::from_utf8(page.body.clone())?;
            let (token, cookie) = token(&text).zip(cookie).ok_or_else(|| {
                anyhow::anyhow!("the sign-in page has no form or sets no cookie: {text}")
            })?;
            browsers.push((cookie.to_owned(), token.to_owned()));
        }
        Ok(Self {
            browsers,
            client: seeded.client.clone(),
        })
    }

    /// The next sign-in: another account and another address each time.
    pub fn login(&self, next: &AtomicUsize) -> Vec<u8> {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let (cookie, token) = &self.browsers[number % self.browsers.len()];
        let email = email(number % ACCOUNTS).replace('@', "%40");
        let password = PASSWORD.replace(' ', "+");
        let form = format!("csrf={token}&email={email}&password={password}");
        let [_, a, b, c] = u32::try_from(number).unwrap_or_default().to_be_bytes();
        let headers = format!(
            "Cookie: {cookie}\r\nOrigin: https://{HOST}\r\nX-Forwarded-For: 10.{a}.{b}.{c}\r\n"
        );
        http::post("/login", HOST, &headers, &form)
    }

    pub fn token_request(&self) -> Vec<u8> {
        let (id, secret) = &self.client;
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        http::post("/oauth2/token", HOST, "", &form)
    }

    /// Sign-ins per second when a few people at a time sign in one after the other.
    pub async fn capacity(
        self: &Arc<Self>,
        wire: &Arc<Wire>,
        next: &Arc<AtomicUsize>,
        span: Duration,
    ) -> anyhow::Result<f64> {
        let began = Instant::now();
        let at_once: Vec<_> = (0..8)
            .map(|_| {
                let (own, wire, next) = (Arc::clone(self), Arc::clone(wire), Arc::clone(next));
                tokio::spawn(async move {
                    let mut done = 0u32;
                    while began.elapsed() < span {
                        let answer = wire.ask(&own.login(&next)).await?;
                        let text = || String::from_utf8_lossy(&answer.body).into_owned();
                        anyhow::ensure!(answer.status == 303, "{}: {}", answer.status, text());
                        done += 1;
                    }
                    anyhow::Ok(done)
                })
            })
            .collect();
        let mut done = 0;
        for one in at_once {
            done += one.await??;
        }
        Ok(f64::from(done) / began.elapsed().as_secs_f64())
    }

    /// How long it takes until a sign-in is done without waiting for others.
    pub async fn recovery(&self, wire: &Wire, next: &AtomicUsize) -> anyhow::Result<Duration> {
        let began = Instant::now();
        loop {
            let asked = Instant::now();
            let answer = wire.ask(&self.login(next)).await?;
            if answer.status == 303 && asked.elapsed() < Duration::from_millis(200) {
                return Ok(began.elapsed());
            }
            anyhow::ensure!(
                began.elapsed() < Duration::from_secs(60),
                "it does not recover"
            );
        }
    }
}

/// The form token of a page.
fn token(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("name=\"csrf\"")?;
    let (_, rest) = rest.split_once("value=\"")?;
    rest.split('"').next()
}

impl Drop for Seeded {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}
