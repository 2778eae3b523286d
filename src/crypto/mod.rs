//! Cryptography: secrets and their digests, passwords, keys, tokens, sealed boxes. Knows no table's
//! meaning and no protocol.

pub mod certificate;
pub mod dpop;
pub mod jwks;
pub mod jwt;
pub mod keyring;
pub mod password;
pub mod seal;
pub mod secret;

mod root;

use std::{io, path::Path};

pub use root::{Root, RootError};

/// Stops the process at once: going on without randomness or a key would hand out secrets that
/// protect nothing.
fn cannot_go_on(without: &str) -> ! {
    tracing::error!(without, "cannot go on");
    std::process::abort()
}

/// SHA-1: only to find a password in a list that others made of such hashes.
pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    let algorithm = &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
    let mut out = [0; 20];
    out.copy_from_slice(aws_lc_rs::digest::digest(algorithm, bytes).as_ref());
    out
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref());
    out
}

/// SHA-384.
pub fn sha384(bytes: &[u8]) -> [u8; 48] {
    let mut out = [0; 48];
    out.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA384, bytes).as_ref());
    out
}

/// SHA-512.
pub fn sha512(bytes: &[u8]) -> [u8; 64] {
    let mut out = [0; 64];
    out.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, bytes).as_ref());
    out
}

/// Whether others than its owner may read a file. On systems that cannot say, nobody may.
pub fn is_exposed(path: &Path) -> io::Result<bool> {
    let metadata = std::fs::metadata(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        Ok(metadata.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        drop(metadata);
        Ok(false)
    }
}
