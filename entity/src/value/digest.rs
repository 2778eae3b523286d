//! What the database holds instead of a secret: a keyed digest of it, or the secret sealed.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use subtle::ConstantTimeEq;

/// The keyed digest (HMAC-SHA-256, base64url, 43 characters) of a secret of one kind.
///
/// Only `crypto::secret` makes one. Two of them are compared by the database's index look-up, and
/// where they are compared here, in a time that does not tell where they differ.
#[derive(Clone, DeriveValueType)]
#[sea_orm(column_type = "Text")]
pub struct Digest(pub String);

/// Bytes that only this installation's root secret opens (XChaCha20-Poly1305, nonce first).
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
#[sea_orm(column_type = "Blob")]
pub struct Sealed(pub Vec<u8>);

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Digest {}

impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// A digest may be a primary key; the database never makes one up by counting.
impl TryFromU64 for Digest {
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("Digest"))
    }
}
