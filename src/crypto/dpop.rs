//! DPoP proofs as signatures: a JWS that brings its own public key, and the name of that key
//! (RFC 9449 §4.2, RFC 7638). What the claims must say is not judged here.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{jwt::is_typ, sha256};

/// The longest proof that is looked at, in bytes.
const LONGEST: usize = 8 * 1024;

/// Members of a JWK that only who holds the private key has (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Claims that the holder of a key has signed.
#[derive(Clone, Debug)]
pub struct Signed<T> {
    /// The thumbprint of the key (RFC 7638 §3).
    pub jkt: String,
    pub claims: T,
}

/// Why something is no proof. Each reads on after "the DPoP proof".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    #[error("is not a JWT")]
    Malformed,
    #[error("is longer than 8 KiB")]
    TooLong,
    #[error("is not of the type dpop+jwt")]
    Typ,
    #[error("is not signed with an algorithm that is taken here")]
    Alg,
    #[error("has an extension in its header that is not known here")]
    Extension,
    #[error("has no public key in its header that goes with its algorithm")]
    Key,
    #[error("has a private key in its header")]
    PrivateKey,
    #[error("has a signature that does not fit")]
    Signature,
    #[error("lacks a claim or has one of the wrong kind")]
    Claims,
}

/// Serde refuses a member that is there twice, so that nobody else reads another one.
#[derive(Deserialize)]
struct Header {
    typ: Option<String>,
    alg: Option<String>,
    jwk: Option<Map<String, Value>>,
    crit: Option<Value>,
    b64: Option<Value>,
}

/// A public key, and what names it.
struct Key {
    bytes: KeyBytes,
    jkt: String,
}

enum KeyBytes {
    /// An uncompressed point on P-256.
    Ecdsa(Vec<u8>),
    Ed25519(Vec<u8>),
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
}

/// Reads a compact JWS that is signed by the key in its own header with one of `algs`. Of those,
/// ES256, PS256 and EdDSA are known: whoever can verify a MAC can make one (RFC 9449 §11.6).
pub fn read<T: DeserializeOwned>(proof: &str, algs: &[&str]) -> Result<Signed<T>, NotSigned> {
    if proof.len() > LONGEST {
        return Err(NotSigned::TooLong);
    }
    let parts: Vec<&str> = proof.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return Err(NotSigned::Malformed);
    };
    let decoded = |part| {
        URL_SAFE_NO_PAD
            .decode(part)
            .map_err(|_| NotSigned::Malformed)
    };
    let (header_json, claims_json, signature_bytes) =
        (decoded(header)?, decoded(claims)?, decoded(signature)?);
    let read: Header = serde_json::from_slice(&header_json).map_err(|_| NotSigned::Malformed)?;
    if !is_typ(read.typ.as_deref(), "dpop+jwt") {
        return Err(NotSigned::Typ);
    }
    let alg = read.alg.filter(|alg| algs.contains(&alg.as_str()));
    let alg = alg.ok_or(NotSigned::Alg)?;
    if read.crit.is_some() || read.b64.is_some() {
        return Err(NotSigned::Extension);
    }
    let jwk = read.jwk.ok_or(NotSigned::Key)?;
    if PRIVATE.iter().any(|name| jwk.contains_key(*name)) {
        return Err(NotSigned::PrivateKey);
    }
    let key = Key::read(&alg, &jwk).ok_or(NotSigned::Key)?;
    // Both parts and the point between them, as they came.
    let message = &proof[..header.len() + 1 + claims.len()];
    if !key.bytes.verify(message.as_bytes(), &signature_bytes) {
        return Err(NotSigned::Signature);
    }
    Ok(Signed {
        jkt: key.jkt,
        claims: serde_json::from_slice(&claims_json).map_err(|_| NotSigned::Claims)?,
    })
}

impl Key {
    /// The key, if it is one for `alg` and in the one spelling that each key has: only so does the
    /// thumbprint name the key and not one of its spellings.
    fn read(alg: &str, jwk: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        let (kty, crv) = (text("kty")?, text("crv"));
        // RFC 7638 §3.2: the required members, in the order of their names.
        let (bytes, name) = match (alg, kty, crv) {
            ("ES256", "EC", Some("P-256")) => {
                let (x, y) = (bytes("x")?, bytes("y")?);
                if (x.len(), y.len()) != (32, 32) {
                    return None;
                }
                let name = format!(
                    r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
                    text("x")?,
                    text("y")?
                );
                (KeyBytes::Ecdsa([&[4], &x[..], &y[..]].concat()), name)
            }
            ("EdDSA", "OKP", Some("Ed25519")) => {
                let x = bytes("x")?;
                if x.len() != 32 {
                    return None;
                }
                let name = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, text("x")?);
                (KeyBytes::Ed25519(x), name)
            }
            ("PS256", "RSA", None) => {
                let (n, e) = (bytes("n")?, bytes("e")?);
                // RFC 7518 §2: a number has no zeros in front. At least 2048 bits (§3.5).
                if n.first() == Some(&0) || e.first().is_none_or(|first| *first == 0) {
                    return None;
                }
                if n.len() < 256 || (n.len() == 256 && n[0] < 0x80) {
                    return None;
                }
                let name = format!(
                    r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#,
                    text("e")?,
                    text("n")?
                );
                (KeyBytes::Rsa(RsaPublicKeyComponents { n, e }), name)
            }
            _ => return None,
        };
        let jkt = URL_SAFE_NO_PAD.encode(sha256(name.as_bytes()));
        Some(Self { bytes, jkt })
    }
}

impl KeyBytes {
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match self {
            Self::Ecdsa(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            Self::Ed25519(x) => UnparsedPublicKey::new(&ED25519, x).verify(message, signature),
            Self::Rsa(key) => key.verify(&RSA_PSS_2048_8192_SHA256, message, signature),
        };
        verified.is_ok()
    }
}

#[cfg(test)]
mod tests;
