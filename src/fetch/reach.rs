//! Reach: who may be called for whom, as far as that can be said without looking up a name.

use url::{Host, Url};

use super::{FetchError, address::is_public};
use crate::config::Config;

/// For whom a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Ourselves.
    Ours,
    /// A client that named the address: wherever the operator lets clients be, and never ourselves.
    Named,
    /// Somebody for whom nobody here vouches: into the public internet and nowhere else.
    Public,
}

/// The ways out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lane {
    /// `http` to a known origin: no certificates are needed.
    Plain,
    /// `https` to a known origin.
    Known,
    /// `https` to anybody on a public address.
    Public,
}

/// The origins that are known.
#[derive(Debug)]
pub(super) struct Origins {
    own: Vec<String>,
    /// Those that the operator named: they may be on a private address.
    private: Vec<String>,
}

impl Origins {
    pub fn of(config: &Config) -> Self {
        let alias = config.server.mtls.url.as_deref();
        let alias = alias.and_then(|url| Url::parse(url).ok());
        let mut own = vec![config.server.origin()];
        own.extend(alias.map(|url| origin(&url)));
        Self {
            own,
            private: config.fetch.private_origins.clone(),
        }
    }

    pub fn lane(&self, url: &Url, reach: Reach) -> Result<Lane, FetchError> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::Refused);
        }
        let origin = origin(url);
        let own = self.own.contains(&origin);
        let private = self.private.contains(&origin);
        let known = match reach {
            Reach::Ours => own || private,
            // What comes from ourselves passes our own doors, and would come back in circles.
            _ if own => return Err(FetchError::Refused),
            Reach::Named => private,
            Reach::Public => false,
        };
        // A name is looked at once it is an address: see `PublicOnly`.
        let may_be_public = match url.host() {
            Some(Host::Ipv4(ip)) => is_public(ip.into()),
            Some(Host::Ipv6(ip)) => is_public(ip.into()),
            Some(Host::Domain(_)) => true,
            None => false,
        };
        match url.scheme() {
            "http" if known => Ok(Lane::Plain),
            "https" if known => Ok(Lane::Known),
            "https" if may_be_public => Ok(Lane::Public),
            _ => Err(FetchError::Refused),
        }
    }
}

/// The same for a name with the dot of the root and without it.
fn origin(url: &Url) -> String {
    let mut url = url.clone();
    let plain = url.host_str().and_then(|host| host.strip_suffix('.'));
    if let Some(plain) = plain.map(str::to_owned) {
        // One that is no host without its dot stays as it is.
        let _ = url.set_host(Some(&plain));
    }
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(url: &str, reach: Reach) -> Option<Lane> {
        let mut config = Config::default();
        config.server.issuer = "https://op.example".to_owned();
        config.server.mtls.url = Some("https://mtls.op.example".to_owned());
        config.fetch.private_origins = ["http://10.0.0.1:8000", "https://op.example"]
            .map(str::to_owned)
            .to_vec();
        let url = Url::parse(url).expect("a URL");
        Origins::of(&config).lane(&url, reach).ok()
    }

    #[test]
    fn nobody_but_ourselves_makes_us_call_ourselves() {
        for own in [
            "https://op.example/x",
            "https://OP.example:443/x",
            "https://op.example./x",
            "https://mtls.op.example/x",
        ] {
            assert!(lane(own, Reach::Ours).is_some(), "{own}");
            assert!(lane(own, Reach::Named).is_none(), "{own}");
            assert!(lane(own, Reach::Public).is_none(), "{own}");
        }
    }

    #[test]
    fn the_origins_that_the_operator_named_are_not_for_those_whom_nobody_vouches_for() {
        let private = "http://10.0.0.1:8000/x";
        assert!(matches!(lane(private, Reach::Named), Some(Lane::Plain)));
        assert!(lane(private, Reach::Public).is_none());
        for reach in [Reach::Named, Reach::Public] {
            let other = lane("https://app.example/x", reach);
            assert!(matches!(other, Some(Lane::Public)));
            assert!(lane("http://app.example/x", reach).is_none());
            assert!(lane("https://user@app.example/x", reach).is_none());
        }
    }
}
