//! Binary: the program itself, started on the database of a house, with whatever it says kept. The
//! doors of the house lead to it, so that browsers and relying parties meet the real server.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::{Ipv4Addr, TcpListener},
    process::{Child, Command, Stdio},
    time::Duration,
};

use doorward::config::Config;
use poem::{Endpoint, Request, Response, endpoint::make};
use reqwest::{Client, redirect::Policy};
use secrecy::ExposeSecret;
use tokio::{task::spawn_blocking, time::timeout};

use super::{database::Database, folder::Folder, house::House};

/// Every line that any crate below can log.
const EVERYTHING: &str = "trace,poem=trace,sqlx=trace,sea_orm=trace,sea_orm_migration=trace";

/// Where its log goes, in its folder.
const LOG: &str = "log";
/// What the program says last before it serves.
const READY: &str = "Stop with Ctrl+C.";

/// A running program, and the house whose doors it is.
pub struct Binary {
    pub house: House,
    url: String,
    port: u16,
    /// What it said to whoever started it.
    said: String,
    running: Running,
    folder: Folder,
}

/// A process that ends with its test, whatever comes of that.
struct Running(Child);

impl Binary {
    pub async fn start(database: Database) -> Self {
        let url = database.url.clone();
        let port = free_port();
        let issuer = format!("http://localhost:{port}");
        let change = |config: &mut Config| config.server.issuer.clone_from(&issuer);
        let house = House::behind(database, change, |_| doors(port)).await;
        let folder = Folder::new();
        let (said, running) = run(&house, &url, port, &folder).await;
        Self {
            house,
            url,
            port,
            said,
            running,
            folder,
        }
    }

    /// Kills the program, whatever it is doing, and starts it again in the same place.
    pub async fn killed_and_started_again(self) -> Self {
        let Self {
            house,
            url,
            port,
            running,
            folder,
            ..
        } = self;
        drop(running);
        let (said, running) = run(&house, &url, port, &folder).await;
        Self {
            house,
            url,
            port,
            said,
            running,
            folder,
        }
    }

    /// Ends the program. Answers all that it said, and the house with its database.
    pub fn stop(self) -> (String, House) {
        drop(self.running);
        let log = fs::read(self.folder.path().join(LOG)).expect("a log");
        (self.said + &String::from_utf8_lossy(&log), self.house)
    }
}

/// Starts the program and waits until it serves. Answers what it said.
async fn run(house: &House, url: &str, port: u16, folder: &Folder) -> (String, Running) {
    let config = &house.app.config;
    let root = config.secrets.root.as_ref().expect("a root secret");
    let child = Command::new(env!("CARGO_BIN_EXE_doorward"))
        .env_clear()
        .env("DOORWARD_LOG", EVERYTHING)
        .env("DOORWARD__SECRETS__ROOT", root.expose_secret())
        .env("DOORWARD__PASSWORDS__PASSES", "2")
        .env("DOORWARD__DATABASE__URL", url)
        .args(["--issuer", &config.server.issuer])
        .args(["--listen", &format!("127.0.0.1:{port}")])
        .arg("--data-dir")
        .arg(folder.path())
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(folder.path().join(LOG)).expect("a file"))
        .spawn();
    let mut running = Running(child.expect("the program starts"));
    let out = running.0.stdout.take().expect("what it says");
    let ready = spawn_blocking(move || {
        let mut said = String::new();
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            said += &line;
            if line == READY {
                return Some(said);
            }
        }
        None
    });
    let said = timeout(Duration::from_secs(60), ready).await;
    let Ok(Ok(Some(said))) = said else {
        let log = fs::read_to_string(folder.path().join(LOG));
        panic!("the program does not serve: {}", log.unwrap_or_default());
    };
    (said, running)
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// A port that nobody has at this moment; the issuer must name it before the program has it.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

/// Passes each request on, as it is.
fn doors(port: u16) -> impl Endpoint<Output = Response> {
    let client = Client::builder()
        .redirect(Policy::none())
        .build()
        .expect("an HTTP client");
    make(move |mut request: Request| {
        let client = client.clone();
        async move {
            let path = request.uri().to_string();
            let call = client
                .request(
                    request.method().clone(),
                    format!("http://127.0.0.1:{port}{path}"),
                )
                .headers(request.headers().clone())
                .body(request.take_body().into_vec().await?);
            let answer = call.send().await.map_err(poem::error::BadGateway)?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            let body = answer.bytes().await.map_err(poem::error::BadGateway)?;
            let mut response = Response::builder().status(status).body(body.to_vec());
            *response.headers_mut() = headers;
            Ok::<_, poem::Error>(response)
        }
    })
}
