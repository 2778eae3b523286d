//! The address that a request came from. A header is believed only from a proxy of ours.

use std::net::IpAddr;

use poem::{Addr, Request};

use crate::{app::App, config::Server};

/// The only header that is read, and only from a proxy of ours: others would be let through by a
/// proxy that does not know them.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// What a request says about where it came from, for those who ask when it is gone.
#[derive(Debug)]
pub struct Way {
    peer: Option<IpAddr>,
    hops: Vec<String>,
}

impl Way {
    pub fn of(request: &Request) -> Self {
        Self {
            peer: peer(request),
            hops: hops(request).map(str::to_owned).collect(),
        }
    }

    /// The client's address, if the listener has one.
    pub fn client_ip(&self, app: &App) -> Option<IpAddr> {
        let hops = self.hops.iter().map(String::as_str);
        Some(behind(&app.config.server, self.peer?, hops))
    }
}

/// The client's address, if the listener has one.
pub fn client_ip(app: &App, request: &Request) -> Option<IpAddr> {
    Some(behind(&app.config.server, peer(request)?, hops(request)))
}

fn hops(request: &Request) -> impl DoubleEndedIterator<Item = &str> {
    let hops = request.headers().get_all(FORWARDED_FOR).iter();
    hops.map(|value| value.to_str().unwrap_or_default())
}

/// Whether a proxy of ours hands the request on.
pub fn is_from_proxy(app: &App, request: &Request) -> bool {
    peer(request).is_some_and(|peer| app.config.server.trusts(peer))
}

fn peer(request: &Request) -> Option<IpAddr> {
    match &request.remote_addr().0 {
        Addr::SocketAddr(address) => Some(address.ip().to_canonical()),
        _ => None,
    }
}

/// Who stands behind a peer. Each proxy adds to the right whom it got the request from, so the
/// first from the right that is no proxy of ours is as far as we know; what stands left of it
/// anybody could have written. If that cannot be read, it is the peer: never nobody.
fn behind<'a>(
    config: &Server,
    peer: IpAddr,
    hops: impl DoubleEndedIterator<Item = &'a str>,
) -> IpAddr {
    let mut nearest = peer;
    for hop in hops.flat_map(|value| value.split(',')).rev() {
        if !config.trusts(nearest) {
            break;
        }
        match hop.trim_matches([' ', '\t']).parse::<IpAddr>() {
            Ok(address) => nearest = address.to_canonical(),
            Err(_) => return peer,
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bf_5_who_stands_behind_a_peer() {
        let config = Server {
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap(), "fd00::1".parse().unwrap()],
            ..Server::default()
        };
        let found = |peer: &str, hops: &[&str]| {
            let peer = peer.parse().unwrap();
            behind(&config, peer, hops.iter().copied()).to_string()
        };
        for (peer, hops, client) in [
            // A stranger says what they like.
            ("192.0.2.1", &["198.51.100.1"][..], "192.0.2.1"),
            ("192.0.2.1", &["10.0.0.1"], "192.0.2.1"),
            // A proxy that says nothing is the client.
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["garbage,198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1 ,\t10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("fd00::1", &["2001:db8::1"], "2001:db8::1"),
            ("10.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            // What cannot be read is the peer.
            ("10.0.0.1", &["198.51.100.1, garbage"], "10.0.0.1"),
            ("10.0.0.1", &["garbage, 10.0.0.2"], "10.0.0.1"),
            ("10.0.0.1", &[""], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1,"], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1:4711"], "10.0.0.1"),
            ("10.0.0.1", &["[2001:db8::1]"], "10.0.0.1"),
            ("10.0.0.1", &["fe80::1%eth0"], "10.0.0.1"),
            ("10.0.0.1", &["unknown"], "10.0.0.1"),
        ] {
            assert_eq!(found(peer, hops), client, "{peer} {hops:?}");
        }
        let many = "10.0.0.2, ".repeat(10_000) + "10.0.0.2";
        assert_eq!(found("10.0.0.1", &[&many]), "10.0.0.2");
        let many = "198.51.100.9, ".repeat(10_000) + "198.51.100.1";
        assert_eq!(found("10.0.0.1", &[&many]), "198.51.100.1");
    }
}
