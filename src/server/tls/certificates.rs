//! Our certificate and its key: read from their files, and read again when these change, without
//! any connection noticing.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
    time::{Duration, SystemTime},
};

use rustls::{
    Error, InconsistentKeys,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use zeroize::Zeroizing;

use super::provider;
use crate::{config::Tls, crypto};

/// How often we look whether the files have changed.
const LOOK: Duration = Duration::from_secs(5);

/// What is presented at handshakes.
#[derive(Debug)]
pub struct Certificates {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Current>,
}

#[derive(Debug)]
struct Current {
    own: Arc<CertifiedKey>,
    /// The files that it was read from.
    seen: Stamp,
    /// What was last logged about files that cannot be used, so that it is not logged every time.
    complaint: String,
}

/// When two files were written last, and how long they are.
type Stamp = [Option<(SystemTime, u64)>; 2];

/// Why there is no certificate. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CertificatesError {
    #[error("server.tls.{setting}: {}: {error}", path.display())]
    File {
        setting: &'static str,
        path: PathBuf,
        error: io::Error,
    },
    #[error(
        "server.tls.key: {path} can be read by others than its owner; run: chmod 600 {path}",
        path = .0.display()
    )]
    Exposed(PathBuf),
    #[error("server.tls.certificate: {} holds no certificate in PEM", .0.display())]
    NoCertificate(PathBuf),
    #[error(
        "server.tls.key: {} holds no private key in PEM that can be used, without a pass phrase",
        .0.display()
    )]
    NoKey(PathBuf),
    #[error(
        "server.tls: the key in {} is not that of the certificate in {}",
        key.display(),
        certificate.display()
    )]
    Mismatch { key: PathBuf, certificate: PathBuf },
}

impl Certificates {
    /// Reads both files; none where none are set.
    pub fn load(config: &Tls) -> Result<Option<Self>, CertificatesError> {
        let Some((certificate, key)) = config.files() else {
            return Ok(None);
        };
        let seen = stamp(certificate, key);
        let own = read(certificate, key)?;
        Ok(Some(Self {
            certificate: certificate.clone(),
            key: key.clone(),
            current: RwLock::new(Current {
                own,
                seen,
                complaint: String::new(),
            }),
        }))
    }

    /// The certificate that is presented, in DER.
    pub fn own(&self) -> Option<CertificateDer<'static>> {
        self.current().own.cert.first().cloned()
    }

    /// Looks at the files again and again. Ends when it is dropped.
    pub async fn watch(&self) {
        let mut ticks = tokio::time::interval(LOOK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.look();
        }
    }

    /// Reads the files if they have changed.
    pub fn look(&self) {
        let seen = self.current().seen;
        if stamp(&self.certificate, &self.key) != seen {
            self.reload();
        }
    }

    /// Reads the files now. What cannot be used changes nothing: certificate and key are two files,
    /// and whoever replaces them has for a moment written only one.
    pub fn reload(&self) {
        let seen = stamp(&self.certificate, &self.key);
        let read = read(&self.certificate, &self.key);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(own) => {
                *current = Current {
                    own,
                    seen,
                    complaint: String::new(),
                };
                tracing::info!("the certificate was read anew");
            }
            Err(error) if current.complaint == error.to_string() => {}
            Err(error) => {
                tracing::warn!(%error, "the certificate could not be read anew; the old one is kept");
                current.complaint = error.to_string();
            }
        }
    }

    fn current(&self) -> RwLockReadGuard<'_, Current> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesServerCert for Certificates {
    /// The same for whatever name was asked for: there is one issuer.
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current().own))
    }
}

fn stamp(certificate: &Path, key: &Path) -> Stamp {
    [certificate, key].map(|path| {
        let metadata = fs::metadata(path).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    })
}

fn read(certificate: &Path, key: &Path) -> Result<Arc<CertifiedKey>, CertificatesError> {
    let file = |setting, path: &Path, error| CertificatesError::File {
        setting,
        path: path.to_owned(),
        error,
    };
    let none = || CertificatesError::NoCertificate(certificate.to_owned());
    let text = fs::read(certificate).map_err(|error| file("certificate", certificate, error))?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|_| none())?;
    if chain.is_empty() {
        return Err(none());
    }
    let text = Zeroizing::new(fs::read(key).map_err(|error| file("key", key, error))?);
    if crypto::is_exposed(key).map_err(|error| file("key", key, error))? {
        return Err(CertificatesError::Exposed(key.to_owned()));
    }
    let no_key = || CertificatesError::NoKey(key.to_owned());
    let private = PrivateKeyDer::from_pem_slice(&text).map_err(|_| no_key())?;
    match CertifiedKey::from_der(chain, private, &provider()) {
        Ok(own) => Ok(Arc::new(own)),
        Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            Err(CertificatesError::Mismatch {
                key: key.to_owned(),
                certificate: certificate.to_owned(),
            })
        }
        Err(Error::InvalidCertificate(_)) => Err(none()),
        Err(_) => Err(no_key()),
    }
}
