//! `[server]`: where we listen and who we say we are.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{ConfigError, Mtls, Network, Tls};

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// The issuer: the URL by which the world knows this server, without a trailing slash. Its
    /// bytes stand in every token and never come from a request.
    pub issuer: String,
    /// Where proxies of ours are. Only what comes from there is believed about whom it is for.
    pub trusted_proxies: Vec<Network>,
    /// The header in which a trusted proxy tells the certificate of a client.
    pub client_certificate_header: Option<String>,
    /// Certificates in PEM of those who may vouch for a client's certificate (RFC 8705 §2.1).
    pub client_certificate_authorities: Option<PathBuf>,
    pub tls: Tls,
    pub mtls: Mtls,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            issuer: "http://localhost:8080".to_owned(),
            trusted_proxies: Vec::new(),
            client_certificate_header: None,
            client_certificate_authorities: None,
            tls: Tls::default(),
            mtls: Mtls::default(),
        }
    }
}

impl Server {
    /// Whether browsers reach us by https, and cookies can be marked so.
    pub fn is_https(&self) -> bool {
        self.issuer.starts_with("https://")
    }

    /// The issuer's origin, as browsers send it.
    pub fn origin(&self) -> String {
        Url::parse(&self.issuer)
            .map(|url| url.origin().ascii_serialization())
            .unwrap_or_default()
    }

    /// The issuer's host.
    pub(super) fn host(&self) -> String {
        let url = Url::parse(&self.issuer).ok();
        let host = url.as_ref().and_then(Url::host_str);
        host.unwrap_or_default().to_owned()
    }

    /// Whether a client can show us its certificate (RFC 8705).
    pub fn takes_client_certificates(&self) -> bool {
        self.mtls.listen.is_some() || self.client_certificate_header.is_some()
    }

    /// Whether a peer is a proxy of ours.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted_proxies
            .iter()
            .any(|network| network.contains(peer))
    }

    pub(super) fn is_on_localhost(&self) -> bool {
        Url::parse(&self.issuer).is_ok_and(|url| {
            url.scheme() == "http" && url.host() == Some(Host::Domain("localhost"))
        })
    }

    pub(super) fn is_private(&self) -> bool {
        match self.listen.ip() {
            IpAddr::V4(ip) => ip.is_loopback(),
            IpAddr::V6(ip) => ip.is_loopback(),
        }
    }

    /// RFC 8414 §2: an issuer is an https URL without query and fragment. A path is refused too,
    /// because the `__Host-` cookies of this server are those of the whole host.
    pub(super) fn check(&self, development: bool) -> Result<(), ConfigError> {
        let refuse = |why: &str| {
            Err(ConfigError::new(format!(
                // Quoted: what is wrong with it may be a second line.
                "server.issuer {:?} {why}",
                self.issuer
            )))
        };
        let Ok(url) = Url::parse(&self.issuer) else {
            return refuse("is not a URL");
        };
        if url.scheme() != "https" && !development {
            return refuse(
                "must start with https:// in production (development mode needs an issuer on \
                 http://localhost, a listener on loopback and no configuration file)",
            );
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("must not hold credentials");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("must not have a query or a fragment");
        }
        if self.issuer.ends_with('/') {
            return refuse("must not end with a slash");
        }
        if url.origin().ascii_serialization() != self.issuer {
            return refuse(
                "must be an origin: scheme, host in lower case, and a port only if it is not the default",
            );
        }
        self.tls.check(self.is_https())?;
        self.check_client_certificates()
    }

    fn check_client_certificates(&self) -> Result<(), ConfigError> {
        let header = self.client_certificate_header.as_deref();
        let is_token = |name: &str| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        if header.is_some_and(|name| !is_token(name)) {
            return Err(ConfigError::new(
                "server.client_certificate_header must be the name of a header, such as Client-Cert",
            ));
        }
        // Believed from everybody it would let everybody in.
        if header.is_some() && self.trusted_proxies.is_empty() {
            return Err(ConfigError::new(
                "server.client_certificate_header needs server.trusted_proxies: from nobody else is it believed",
            ));
        }
        self.mtls.check(&self.tls, header.is_some(), &self.issuer)?;
        if self.client_certificate_authorities.is_some() && !self.takes_client_certificates() {
            return Err(ConfigError::new(
                "server.client_certificate_authorities needs server.mtls.listen or \
                 server.client_certificate_header",
            ));
        }
        Ok(())
    }
}
