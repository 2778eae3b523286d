//! TLS of our own (RFC 8446, RFC 5246): which versions and ciphers, with which certificate, and who
//! is asked for one.

pub mod certificates;

mod strangers;
mod wire;

use std::sync::Arc;

use rustls::{
    CipherSuite, ServerConfig, SupportedProtocolVersion,
    crypto::{CryptoProvider, aws_lc_rs::default_provider},
    server::{NoServerSessionStorage, ResolvesServerCert},
    version::{TLS12, TLS13},
};

use self::strangers::Strangers;

pub use self::wire::Wire;

/// What is spoken inside: poem's server takes both.
const ALPN: [&[u8]; 2] = [b"h2", b"http/1.1"];
/// Anything older is not in rustls.
const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
/// RFC 9325 §4.2: these are recommended with TLS 1.2. With 1.3 all are.
const RECOMMENDED: [CipherSuite; 4] = [
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
];

/// TLS for everybody. Nobody is asked for a certificate: a browser would ask its user for one.
pub fn for_everybody(own: Arc<dyn ResolvesServerCert>) -> Result<Arc<ServerConfig>, rustls::Error> {
    let config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&VERSIONS)?
        .with_no_client_auth()
        .with_cert_resolver(own);
    Ok(finish(config))
}

/// TLS for clients, which may show a certificate of their own (RFC 8705).
pub fn for_clients(own: Arc<dyn ResolvesServerCert>) -> Result<Arc<ServerConfig>, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&VERSIONS)?
        .with_client_cert_verifier(Arc::new(Strangers::new(provider())))
        .with_cert_resolver(own);
    // Whoever resumes a session shows no certificate again, only that they know its secret. Here a
    // certificate is worth as much as a password, so its key is proven on each connection.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(finish(config))
}

fn finish(mut config: ServerConfig) -> Arc<ServerConfig> {
    config.alpn_protocols = ALPN.map(<[u8]>::to_vec).to_vec();
    // No 0-RTT: what came with it could be played again by anybody (RFC 8446 §8, RFC 8470).
    config.max_early_data_size = 0;
    Arc::new(config)
}

/// The cryptography, by name: a process may hold several, and then rustls knows no default one.
fn provider() -> Arc<CryptoProvider> {
    let mut provider = default_provider();
    provider
        .cipher_suites
        .retain(|suite| suite.tls13().is_some() || RECOMMENDED.contains(&suite.suite()));
    Arc::new(provider)
}
