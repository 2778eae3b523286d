//! `serve`: opens the house, says where to click, and serves until it is told to stop.

use std::{
    io::{self, IsTerminal},
    net::SocketAddr,
};

use doorward::{
    app::App,
    clock::Clock,
    config::Config,
    paths,
    server::{
        self, ListenError,
        development::{self, Demo},
        open::{Behind, Turn},
    },
};
use serde_json::json;
use tracing_subscriber::EnvFilter;

use super::{
    Failure, Global,
    print::{self, say},
    signals::{self, Signals},
};

pub async fn run(global: &Global) -> Result<(), Failure> {
    let config = global.settings()?;
    logs()?;
    // The port first: if it is taken nothing has been touched yet.
    let listening = server::listen(&config.server)
        .await
        .map_err(|error| not_listening(&config, error))?;
    let turn = Turn::take(&config).await?;
    let app = turn.open(config, Clock::default(), Behind::Migrate).await?;
    let demo = match app.config.development {
        true => Some(development::furnish(&app).await?),
        false => None,
    };
    turn.end().await?;
    let signals = Signals::watch()?;
    if let Some(certificates) = listening.certificates() {
        signals::on_hangup(move || certificates.reload())?;
    }
    match (global.json, &demo) {
        (true, demo) => in_json(&app, demo.as_ref())?,
        (false, Some(demo)) => say(&where_to_click(&app, demo)),
        (false, None) => say(&format!("Doorward serves {}", app.config.server.issuer)),
    }
    tokio::select! {
        served = server::serve(app, listening, signals.first()) => {
            served.map_err(|error| Failure::failed(format!("serving ended: {error}")))
        }
        () = signals.second() => Err(Failure::failed("stopped at once, as asked twice")),
    }
}

/// For scripts that start us.
fn in_json(app: &App, demo: Option<&Demo>) -> Result<(), Failure> {
    print::json(&json!({
        "issuer": app.config.server.issuer,
        "discovery": app.url(paths::DISCOVERY_OPENID),
        "demo": demo.map(|demo| json!({ "email": demo.email, "password": demo.password })),
    }))
}

/// At most 15 lines.
fn where_to_click(app: &App, demo: &Demo) -> String {
    let data = &app.config.data_dir;
    let data = data.canonicalize().unwrap_or_else(|_| data.clone());
    format!(
        "Doorward {version}, development mode\n\
         \n\
         \x20 Issuer      {issuer}\n\
         \x20 Discovery   {discovery}\n\
         \x20 Playground  {playground}\n\
         \x20             sign in as {email} with password {password}\n\
         \x20 Letters     {letters}\n\
         \x20 API         {docs}\n\
         \x20 Data        {data}\n\
         \n\
         Stop with Ctrl+C.",
        version = env!("CARGO_PKG_VERSION"),
        issuer = app.config.server.issuer,
        discovery = app.url(paths::DISCOVERY_OPENID),
        playground = app.url(paths::PLAYGROUND),
        email = demo.email,
        password = demo.password,
        letters = app.url(paths::DEV_MAIL),
        docs = app.url(paths::API_DOCS),
        data = data.display(),
    )
}

fn not_listening(config: &Config, error: ListenError) -> Failure {
    match error {
        ListenError::Port { address, error } if address == config.server.listen => {
            no_port(address, &error)
        }
        ListenError::Port { .. } => Failure::failed(format!("server.mtls.listen: {error}")),
        ListenError::Certificates(_) | ListenError::Tls(_) => Failure::wrong(error.to_string()),
    }
}

fn no_port(address: SocketAddr, error: &io::Error) -> Failure {
    let port = address.port();
    Failure::failed(match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {port} is taken by another program; stop it, or choose another port with \
             --listen {ip}:{other}",
            ip = address.ip(),
            other = port.wrapping_add(1).max(1024),
        ),
        io::ErrorKind::PermissionDenied => {
            format!("port {port} may not be used by this user; choose one above 1023")
        }
        _ => format!("{address} cannot be listened on: {error}"),
    })
}

/// Logs go to stderr: for people on a terminal, as JSON for machines.
fn logs() -> Result<(), Failure> {
    let wanted = std::env::var("DOORWARD_LOG").unwrap_or_else(|_| "info".to_owned());
    let filter = EnvFilter::builder()
        .parse(format!(
            "poem=warn,sqlx=warn,sea_orm=warn,sea_orm_migration=warn,{wanted}"
        ))
        .map_err(|error| Failure::wrong(format!("DOORWARD_LOG: {error}")))?;
    let json = match std::env::var("DOORWARD_LOG_FORMAT").as_deref() {
        Ok("json") => true,
        Ok("text") => false,
        Ok(_) => return Err(Failure::wrong("DOORWARD_LOG_FORMAT must be json or text")),
        Err(_) => !io::stderr().is_terminal(),
    };
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    if json {
        logs.json().init();
    } else {
        logs.init();
    }
    Ok(())
}
