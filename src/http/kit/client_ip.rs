//! The address that a request came from. No header is believed.

use poem::{Addr, Request};

/// The peer's address, if the listener has one.
pub fn client_ip(request: &Request) -> Option<String> {
    match &request.remote_addr().0 {
        Addr::SocketAddr(address) => Some(address.ip().to_canonical().to_string()),
        _ => None,
    }
}
