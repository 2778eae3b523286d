//! TLS of our own on real sockets, and the certificates of clients (RFC 8705). Every certificate is
//! made by its test.

mod bound;
mod clients;
mod handshake;
pub mod made;
mod proxies;
mod reload;
mod served;
mod versions;
