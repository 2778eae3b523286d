//! Those who may vouch for a client's certificate (RFC 8705 §2.1). Without them a subject is only
//! what somebody wrote into a certificate of their own.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use rustls::{
    RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, UnixTime, pem::PemObject},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};

use super::Certificate;

/// The certificates that are trusted to name clients.
#[derive(Clone, Debug)]
pub struct Authorities(Arc<dyn ClientCertVerifier>);

/// Why there are none. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum AuthoritiesError {
    #[error("server.client_certificate_authorities: {}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error(
        "server.client_certificate_authorities: {} holds no certificate in PEM that can be used",
        .0.display()
    )]
    None(PathBuf),
}

impl Authorities {
    /// Reads a file of certificates in PEM.
    pub fn at(path: &Path) -> Result<Self, AuthoritiesError> {
        let text = fs::read(path).map_err(|error| AuthoritiesError::File {
            path: path.to_owned(),
            error,
        })?;
        let none = || AuthoritiesError::None(path.to_owned());
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&text) {
            let certificate = certificate.map_err(|_| none())?;
            roots.add(certificate).map_err(|_| none())?;
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        verifier.build().map(Self).map_err(|_| none())
    }

    /// Whether a chain leads from a certificate to one of them, and every link is good at `now`
    /// (RFC 5280 §6).
    pub fn vouch_for(&self, certificate: &Certificate, now: DateTime<Utc>) -> bool {
        let der = |bytes: &Vec<u8>| CertificateDer::from(bytes.clone());
        let chain: Vec<_> = certificate.chain.iter().map(der).collect();
        let now = std::time::Duration::from_secs(now.timestamp().try_into().unwrap_or_default());
        self.0
            .verify_client_cert(
                &der(&certificate.der),
                &chain,
                UnixTime::since_unix_epoch(now),
            )
            .is_ok()
    }
}
