//! `[server]`: where we listen and who we say we are.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::ConfigError;

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// The issuer: the URL by which the world knows this server, without a trailing slash. Its
    /// bytes stand in every token and never come from a request.
    pub issuer: String,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            issuer: "http://localhost:8080".to_owned(),
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
                "server.issuer \"{}\" {why}",
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
        Ok(())
    }
}
