//! The server: listens, serves until it is told to stop, and lets what it began finish. What must
//! be there before it can is beside it.

pub mod development;
pub mod fresh_password;
pub mod open;
pub mod schema;
pub mod tls;

mod acceptor;
mod quiet;

use std::{io, time::Duration};

use poem::Server;

pub use self::acceptor::{ListenError, Listening};
use crate::{app::App, config, http, jobs};

/// How long requests that are being answered may take to finish once we stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// Takes the ports.
pub async fn listen(config: &config::Server) -> Result<Listening, ListenError> {
    Listening::open(config).await
}

/// Serves until `stop`, then answers what was asked before and closes the database. The jobs run
/// as long as the server does.
pub async fn serve(
    app: App,
    listening: Listening,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let (address, issuer) = (listening.address(), &app.config.server.issuer);
    tracing::info!(%address, %issuer, tls = listening.certificates().is_some(), "listening");
    if let Some(address) = listening.clients_address() {
        tracing::info!(%address, "listening for clients with a certificate");
    }
    let jobs = tokio::spawn(jobs::run(app.clone()));
    let watch = listening
        .certificates()
        .map(|own| tokio::spawn(async move { own.watch().await }));
    let served = Server::new_with_acceptor(listening)
        .run_with_graceful_shutdown(http::routes(app.clone()), stop, Some(PATIENCE))
        .await;
    jobs.abort();
    if let Some(watch) = watch {
        watch.abort();
    }
    // SQLite takes its write-ahead log in when the last connection goes.
    for connection in [&app.db.read, &app.db.write] {
        if let Err(error) = connection.close_by_ref().await {
            tracing::warn!(%error, "a database connection did not close");
        }
    }
    tracing::info!("stopped");
    served
}
