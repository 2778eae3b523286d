//! Cryptography: secrets and their digests, passwords, keys, tokens, sealed boxes. Knows no table's
//! meaning and no protocol.

pub mod jwks;
pub mod jwt;
pub mod keyring;
pub mod password;
pub mod seal;
pub mod secret;

mod root;

pub use root::{Root, RootError};

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref());
    out
}
