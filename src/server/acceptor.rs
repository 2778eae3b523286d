//! Accepting: connections of one or two ports, handed over when they can be spoken on.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use poem::{
    http::uri::Scheme,
    listener::Acceptor,
    web::{LocalAddr, RemoteAddr},
};
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

use super::{
    quiet::Quiet,
    tls::{self, Wire, certificates::Certificates},
};
use crate::{config, http::kit::certificate};

/// A connection on which nothing moves for so long is closed. poem's own idle timeout only asks for
/// an end after the current request, for which a half-sent one waits for ever.
const IDLE: Duration = Duration::from_secs(75);
/// How long a TLS handshake may take: two or three flights, over the slowest line.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long to wait when no connection can be accepted, for example without free file descriptors:
/// trying again at once would only burn the core that the open connections need.
const BREATH: Duration = Duration::from_millis(50);

/// Ports that are ours, and not served yet: whoever connects waits.
#[derive(Debug)]
pub struct Listening {
    front: Port,
    /// Where clients are asked for their certificate.
    clients: Option<Port>,
    certificates: Option<Arc<Certificates>>,
    /// Under way on either port. Done in tasks, so that nobody waits for somebody else's.
    handshakes: JoinSet<Option<Arrived>>,
}

#[derive(Debug)]
struct Port {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Arc<ServerConfig>>,
}

type Arrived = (Wire, LocalAddr, RemoteAddr, Scheme);

/// Why a port is not ours.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    #[error("{address} cannot be listened on: {error}")]
    Port {
        address: SocketAddr,
        error: io::Error,
    },
    #[error(transparent)]
    Certificates(#[from] tls::certificates::CertificatesError),
    #[error("TLS cannot be used: {0}")]
    Tls(#[from] rustls::Error),
}

impl Listening {
    /// Reads the certificate, and takes the ports.
    pub(super) async fn open(config: &config::Server) -> Result<Self, ListenError> {
        let certificates = Certificates::load(&config.tls)?.map(Arc::new);
        let front = match &certificates {
            Some(certificates) => Some(tls::for_everybody(certificates.clone())?),
            None => None,
        };
        let clients = match (&certificates, config.mtls.listen) {
            (Some(certificates), Some(address)) => {
                let tls = tls::for_clients(certificates.clone())?;
                Some(Port::take(address, Some(tls)).await?)
            }
            _ => None,
        };
        Ok(Self {
            front: Port::take(config.listen, front).await?,
            clients,
            certificates,
            handshakes: JoinSet::new(),
        })
    }

    /// The address, with the port that the system chose where 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.front.address
    }

    /// The same of the port where clients are asked for their certificate.
    pub fn clients_address(&self) -> Option<SocketAddr> {
        self.clients.as_ref().map(|port| port.address)
    }

    /// What is presented at handshakes; none without TLS.
    pub fn certificates(&self) -> Option<Arc<Certificates>> {
        self.certificates.clone()
    }
}

impl Port {
    async fn take(
        address: SocketAddr,
        tls: Option<Arc<ServerConfig>>,
    ) -> Result<Self, ListenError> {
        let named = |error| ListenError::Port { address, error };
        let listener = TcpListener::bind(address).await.map_err(named)?;
        Ok(Self {
            address: listener.local_addr().map_err(named)?,
            listener,
            tls,
        })
    }

    /// The next one who connects.
    async fn next(&self) -> (Quiet, SocketAddr) {
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
        if let Err(error) = TcpStream::set_nodelay(&stream, true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
        (Quiet::new(stream, IDLE), from)
    }
}

/// The next one at a port that may not be there.
async fn next(port: Option<&Port>) -> (Quiet, SocketAddr) {
    match port {
        Some(port) => port.next().await,
        None => std::future::pending().await,
    }
}

/// Shakes hands, and answers with the connection if that came to a good end in time.
async fn handshake(
    tls: Arc<ServerConfig>,
    stream: Quiet,
    address: SocketAddr,
    from: SocketAddr,
) -> Option<Arrived> {
    let stream = match timeout(HANDSHAKE, TlsAcceptor::from(tls).accept(stream)).await {
        Ok(Ok(stream)) => Box::new(stream),
        // Anybody can cause it, with every port scan.
        Ok(Err(error)) => {
            tracing::debug!(%error, "a TLS handshake failed");
            return None;
        }
        Err(_) => {
            tracing::debug!("a TLS handshake took too long");
            return None;
        }
    };
    let presented = stream.get_ref().1.peer_certificates();
    let local = match presented {
        Some(presented) => certificate::shown_on_connection(presented),
        None => LocalAddr(address.into()),
    };
    let wire = Wire::Tls(stream);
    Some((wire, local, RemoteAddr(from.into()), Scheme::HTTPS))
}

impl Acceptor for Listening {
    type Io = Wire;

    fn local_addr(&self) -> Vec<LocalAddr> {
        let ports = [Some(&self.front), self.clients.as_ref()];
        let address = |port: &Port| LocalAddr(port.address.into());
        ports.into_iter().flatten().map(address).collect()
    }

    async fn accept(&mut self) -> io::Result<Arrived> {
        loop {
            let (port, (stream, from)) = tokio::select! {
                next = self.front.next() => (&self.front, next),
                next = next(self.clients.as_ref()) => match &self.clients {
                    Some(port) => (port, next),
                    None => continue,
                },
                Some(done) = self.handshakes.join_next() => match done {
                    Ok(Some(arrived)) => return Ok(arrived),
                    Ok(None) | Err(_) => continue,
                },
            };
            let address = port.address;
            match port.tls.clone() {
                None => {
                    let (local, remote) = (LocalAddr(address.into()), RemoteAddr(from.into()));
                    return Ok((Wire::Plain(stream), local, remote, Scheme::HTTP));
                }
                Some(tls) => {
                    self.handshakes.spawn(handshake(tls, stream, address, from));
                }
            }
        }
    }
}
