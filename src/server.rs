//! The server: listens, serves until it is told to stop, and lets what it began finish. What must
//! be there before it can is beside it.

pub mod development;
pub mod fresh_password;
pub mod open;
pub mod schema;

mod quiet;

use std::{io, net::SocketAddr, time::Duration};

use poem::{
    Server,
    http::uri::Scheme,
    listener::Acceptor,
    web::{LocalAddr, RemoteAddr},
};
use tokio::net::TcpListener;

use self::quiet::Quiet;
use crate::{app::App, http, jobs};

/// How long requests that are being answered may take to finish once we stop.
const PATIENCE: Duration = Duration::from_secs(10);
/// A connection on which nothing moves for so long is closed. poem's own idle timeout only asks for
/// an end after the current request, for which a half-sent one waits for ever.
const IDLE: Duration = Duration::from_secs(75);
/// How long to wait when no connection can be accepted, for example without free file descriptors:
/// trying again at once would only burn the core that the open connections need.
const BREATH: Duration = Duration::from_millis(50);

/// A port that is ours, and not served yet: whoever connects waits.
#[derive(Debug)]
pub struct Listening {
    listener: TcpListener,
    /// The address, with the port that the system chose where 0 was asked for.
    pub address: SocketAddr,
}

/// Takes the port.
pub async fn listen(address: SocketAddr) -> io::Result<Listening> {
    let listener = TcpListener::bind(address).await?;
    Ok(Listening {
        address: listener.local_addr()?,
        listener,
    })
}

/// Serves until `stop`, then answers what was asked before and closes the database. The jobs run
/// as long as the server does.
pub async fn serve(
    app: App,
    listening: Listening,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    tracing::info!(address = %listening.address, issuer = %app.config.server.issuer, "listening");
    let jobs = tokio::spawn(jobs::run(app.clone()));
    let served = Server::new_with_acceptor(listening)
        .run_with_graceful_shutdown(http::routes(app.clone()), stop, Some(PATIENCE))
        .await;
    jobs.abort();
    // SQLite takes its write-ahead log in when the last connection goes.
    for connection in [&app.db.read, &app.db.write] {
        if let Err(error) = connection.close_by_ref().await {
            tracing::warn!(%error, "a database connection did not close");
        }
    }
    tracing::info!("stopped");
    served
}

impl Acceptor for Listening {
    type Io = Quiet;

    fn local_addr(&self) -> Vec<LocalAddr> {
        vec![LocalAddr(self.address.into())]
    }

    async fn accept(&mut self) -> io::Result<(Quiet, LocalAddr, RemoteAddr, Scheme)> {
        let (stream, from) = loop {
            match self.listener.accept().await {
                Ok(accepted) => break accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(BREATH).await;
                }
            }
        };
        // Answers are small and complete: waiting for more to send only adds 40 ms.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
        let stream = Quiet::new(stream, IDLE);
        let local = LocalAddr(self.address.into());
        Ok((stream, local, RemoteAddr(from.into()), Scheme::HTTP))
    }
}
