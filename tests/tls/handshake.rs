//! Handshakes: clients that can do one thing or another, and what they agree on with the server.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rustls::{
    CipherSuite, ClientConfig, ClientConnection, HandshakeKind, ProtocolVersion, RootCertStore,
    SignatureScheme, StreamOwned, SupportedProtocolVersion,
    client::ResolvesClientCert,
    crypto::{CryptoProvider, aws_lc_rs},
    sign::CertifiedKey,
    version::TLS13,
};

use super::made::Made;

/// A client that remembers whether it was asked for a certificate, and shows what it has.
#[derive(Debug, Default)]
pub struct Asked {
    pub asked: AtomicBool,
    pub shows: Option<Arc<CertifiedKey>>,
}

impl ResolvesClientCert for Asked {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::SeqCst);
        self.shows.clone()
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// What a client can do.
pub struct Can {
    pub version: &'static SupportedProtocolVersion,
    pub suites: fn(CipherSuite) -> bool,
    pub alpn: &'static [&'static str],
}

pub const ANYTHING: Can = Can {
    version: &TLS13,
    suites: |_| true,
    alpn: &[],
};

/// What became of a handshake.
#[derive(Debug)]
pub struct Shaken {
    pub version: Option<ProtocolVersion>,
    pub protocol: Option<Vec<u8>>,
    pub kind: Option<HandshakeKind>,
    /// Whether the client could have sent something before the handshake was done.
    pub early: bool,
}

pub fn config(server: &Made, can: &Can, asked: Arc<Asked>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(server.certificate.der().clone()).expect("a root");
    let mut provider: CryptoProvider = aws_lc_rs::default_provider();
    provider
        .cipher_suites
        .retain(|suite| (can.suites)(suite.suite()));
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[can.version])
        .expect("a version")
        .with_root_certificates(roots)
        .with_client_cert_resolver(asked);
    config.enable_early_data = true;
    config.alpn_protocols = can
        .alpn
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    Arc::new(config)
}

/// Shakes hands and gets a page.
pub fn connect(to: SocketAddr, config: &Arc<ClientConfig>) -> Result<Shaken, std::io::Error> {
    let name = "localhost".try_into().expect("a name");
    let connection = ClientConnection::new(Arc::clone(config), name).expect("a client");
    let mut stream = StreamOwned::new(connection, TcpStream::connect(to)?);
    let early = stream.conn.early_data().is_some();
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    let protocol = stream.conn.alpn_protocol().map(<[u8]>::to_vec);
    if protocol.as_deref() != Some(b"h2") {
        let ask = "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(ask.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    Ok(Shaken {
        version: stream.conn.protocol_version(),
        protocol,
        kind: stream.conn.handshake_kind(),
        early,
    })
}

/// The same with a client of its own that has no certificate.
pub fn shake(to: SocketAddr, server: &Made, can: &Can) -> Result<Shaken, std::io::Error> {
    connect(to, &config(server, can, Arc::default()))
}
