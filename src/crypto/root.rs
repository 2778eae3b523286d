//! The root secret: 32 bytes outside the database from which every purpose key is derived.

use std::{fmt, fs, io, path::Path};

use aws_lc_rs::{hkdf, hmac, rand};
use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::{cannot_go_on, is_exposed};

/// The root secret of this installation.
pub struct Root(Zeroizing<[u8; 32]>);

/// Why there is no root secret to work with. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    #[error(
        "the root secret must be 32 bytes in base64 (44 characters); make one with: head -c 32 /dev/urandom | base64"
    )]
    Malformed,
    #[error(
        "the root secret has no randomness in it; make one with: head -c 32 /dev/urandom | base64"
    )]
    Weak,
    #[error("{0} can be read by others than its owner; run: chmod 600 {0}")]
    Exposed(String),
    #[error("{0}: {1}")]
    File(String, io::Error),
}

impl Root {
    /// From its base64 form.
    pub fn parse(text: &str) -> Result<Self, RootError> {
        let bytes = Zeroizing::new(
            STANDARD
                .decode(text.trim())
                .map_err(|_| RootError::Malformed)?,
        );
        let root: [u8; 32] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| RootError::Malformed)?;
        let mut seen = root;
        seen.sort_unstable();
        // Thirty-two random bytes repeat a little; a typed or zeroed secret repeats a lot.
        let distinct = seen.windows(2).filter(|pair| pair[0] != pair[1]).count() + 1;
        if distinct < 12 {
            return Err(RootError::Weak);
        }
        Ok(Self(Zeroizing::new(root)))
    }

    /// Reads `path`, or makes it (mode 0600) when it does not exist and `create` allows it.
    pub fn at(path: &Path, create: bool) -> Result<Self, RootError> {
        let named = |error| RootError::File(path.display().to_string(), error);
        match fs::read_to_string(path) {
            Ok(text) => {
                refuse_exposed(path)?;
                Self::parse(&Zeroizing::new(text))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && create => {
                let mut bytes = Zeroizing::new([0u8; 32]);
                rand::fill(bytes.as_mut()).map_err(|_| named(io::Error::other("no randomness")))?;
                write_private(path, &STANDARD.encode(bytes.as_ref())).map_err(named)?;
                Ok(Self(bytes))
            }
            Err(error) => Err(named(error)),
        }
    }

    /// The 32-byte key for one purpose (HKDF-SHA-256, RFC 5869).
    pub(super) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"doorward/1");
        let mut key = Zeroizing::new([0u8; 32]);
        let info = [purpose.as_bytes()];
        let filled = salt
            .extract(self.0.as_ref())
            .expand(&info, hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(key.as_mut()));
        if filled.is_err() {
            cannot_go_on("a derived key");
        }
        key
    }

    /// The HMAC-SHA-256 key for one purpose.
    pub(super) fn mac_key(&self, purpose: &str) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.derive(purpose).as_ref())
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Root(…)")
    }
}

/// A file that anyone else may read is no secret.
fn refuse_exposed(path: &Path) -> Result<(), RootError> {
    match is_exposed(path) {
        Ok(false) => Ok(()),
        Ok(true) => Err(RootError::Exposed(path.display().to_string())),
        Err(error) => Err(RootError::File(path.display().to_string(), error)),
    }
}

/// Writes `text` to a new file that only its owner may read.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}
