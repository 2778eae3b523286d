//! `[server.tls]` and `[server.mtls]`: TLS of our own, and the second listener, which asks clients
//! for their certificates.

use std::{net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};
use url::Url;

use super::ConfigError;

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// The certificate chain in PEM, ours first.
    pub certificate: Option<PathBuf>,
    /// Its private key in PEM, in a file that only its owner may read.
    pub key: Option<PathBuf>,
}

/// Mutual TLS (RFC 8705). Browsers ask their user which certificate to send wherever one is
/// requested, so it is requested on a port of its own.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mtls {
    /// Address and port at which certificates of clients are requested.
    pub listen: Option<SocketAddr>,
    /// The origin by which clients reach that port, published as `mtls_endpoint_aliases`.
    pub url: Option<String>,
}

impl Tls {
    /// Both files, where TLS is ours.
    pub fn files(&self) -> Option<(&PathBuf, &PathBuf)> {
        self.certificate.as_ref().zip(self.key.as_ref())
    }

    pub(super) fn check(&self, is_https: bool) -> Result<(), ConfigError> {
        match (&self.certificate, &self.key) {
            (None, None) => Ok(()),
            (Some(_), Some(_)) if is_https => Ok(()),
            (Some(_), Some(_)) => Err(ConfigError::new(
                "server.tls needs a server.issuer that starts with https://",
            )),
            (Some(_), None) => Err(ConfigError::new(
                "server.tls.certificate is set and server.tls.key is not",
            )),
            (None, Some(_)) => Err(ConfigError::new(
                "server.tls.key is set and server.tls.certificate is not",
            )),
        }
    }
}

impl Mtls {
    /// `by_header`: whether a proxy in front takes the certificates for us.
    pub(super) fn check(
        &self,
        tls: &Tls,
        by_header: bool,
        issuer: &str,
    ) -> Result<(), ConfigError> {
        let refuse = |why: &str| Err(ConfigError::new(why));
        if self.listen.is_some() && tls.files().is_none() {
            return refuse("server.mtls.listen needs server.tls.certificate and server.tls.key");
        }
        match &self.url {
            None if self.listen.is_some() => {
                return refuse(
                    "server.mtls.listen needs server.mtls.url, such as https://mtls.example:8444",
                );
            }
            None => {}
            Some(_) if self.listen.is_none() && !by_header => {
                return refuse(
                    "server.mtls.url needs server.mtls.listen, or server.client_certificate_header \
                     where a proxy takes the certificates",
                );
            }
            Some(url) if url == issuer => {
                return refuse("server.mtls.url must be another origin than server.issuer");
            }
            Some(url) if !is_https_origin(url) => {
                return Err(ConfigError::new(format!(
                    "server.mtls.url \"{url}\" must be an https origin such as https://mtls.example:8444"
                )));
            }
            Some(_) => {}
        }
        Ok(())
    }
}

fn is_https_origin(text: &str) -> bool {
    Url::parse(text)
        .is_ok_and(|url| url.scheme() == "https" && url.origin().ascii_serialization() == *text)
}
