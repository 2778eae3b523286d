//! Whether we can be reached: the port that we listen on, and the URL by which the world knows us.

use std::{net::SocketAddr, time::Duration};

use doorward::config::Config;
use tokio::net::{TcpStream, ToSocketAddrs};
use url::Url;

use super::{Finding, ok, warn};

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the server listens.
pub async fn listener(config: &Config) -> Finding {
    let address: SocketAddr = config.server.listen;
    match connects(address).await {
        true => ok("listener", format!("something listens on {address}")),
        false => warn(
            "listener",
            format!("nothing listens on {address} yet; start it with: doorward"),
        ),
    }
}

/// Whether browsers and applications would find us.
pub async fn issuer(config: &Config) -> Finding {
    let issuer = &config.server.issuer;
    let place = Url::parse(issuer).ok().and_then(|url| {
        let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
        Some((host, url.port_or_known_default()?))
    });
    let Some((host, port)) = place else {
        return warn("issuer", format!("{issuer} names no host"));
    };
    match connects((host.as_str(), port)).await {
        true => ok("issuer", format!("{issuer} answers on port {port}")),
        false => warn(
            "issuer",
            format!(
                "nothing answers at {host}:{port}, where applications will look for {issuer}; check \
                 the name in DNS, the proxy in front, and that doorward runs"
            ),
        ),
    }
}

/// Whether the proxy is known that must be in front where browsers reach us by https and TLS is not
/// ours: else everybody comes from its address, and is counted as one.
pub fn proxy(config: &Config) -> Option<Finding> {
    let server = &config.server;
    let in_front = server.is_https() && server.tls.certificate.is_none();
    in_front.then(|| match server.trusted_proxies.is_empty() {
        false => ok("proxy", "server.trusted_proxies says where it is"),
        true => warn(
            "proxy",
            "server.trusted_proxies is empty: everybody seems to come from the address of the proxy, \
             and whoever types wrong passwords holds up the others",
        ),
    })
}

async fn connects(place: impl ToSocketAddrs) -> bool {
    let connection = tokio::time::timeout(PATIENCE, TcpStream::connect(place)).await;
    matches!(connection, Ok(Ok(_)))
}
