//! What the database holds instead of a secret: a keyed digest of it, or the secret sealed.

use std::fmt;

use sea_orm::{DbErr, DeriveValueType, TryFromU64};

/// The keyed digest (HMAC-SHA-256, base64url, 43 characters) of a secret of one kind.
///
/// Only `crypto::secret` makes one; two digests are compared by the database's index look-up.
#[derive(Clone, PartialEq, Eq, Hash, DeriveValueType)]
#[sea_orm(column_type = "Text")]
pub struct Digest(pub String);

/// Bytes that only this installation's root secret opens (XChaCha20-Poly1305, nonce first).
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
#[sea_orm(column_type = "Blob")]
pub struct Sealed(pub Vec<u8>);

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
