//! X.509 certificates: a client's, by which it proves who it is (RFC 8705), and our own. Whoever
//! hands one over has proven that its key is theirs, or has it from somebody who saw that.

mod authorities;
mod name;

use std::{net::IpAddr, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use rustls::{
    client::verify_server_name,
    pki_types::{CertificateDer, ServerName},
    server::ParsedCertificate,
};
use serde_json::{Map, Value, json};
use x509_cert::{
    Certificate as X509,
    der::{
        Decode,
        asn1::{AnyRef, ObjectIdentifier, UintRef},
    },
    ext::pkix::{SubjectAltName, name::GeneralName},
};

pub use authorities::{Authorities, AuthoritiesError};

use self::name::Name;
use super::sha256;

/// A certificate that can be read.
#[derive(Clone, Debug)]
pub struct Certificate {
    der: Vec<u8>,
    /// What was sent with it: those who vouch for it, up to one whom everybody knows.
    chain: Vec<Vec<u8>>,
    read: X509,
}

/// That is no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a certificate in DER")]
pub struct Unreadable;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// RFC 5480 §2.1.1.1, and their names in a JWK (RFC 7518 §6.2.1.1) with the length of a coordinate.
const CURVES: [(ObjectIdentifier, &str, usize); 3] = [
    (
        ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
        "P-256",
        32,
    ),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), "P-384", 48),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), "P-521", 66),
];

impl Certificate {
    /// From its DER form, and those of what was sent with it.
    pub fn new(der: Vec<u8>, chain: Vec<Vec<u8>>) -> Result<Self, Unreadable> {
        let read = X509::from_der(&der).map_err(|_| Unreadable)?;
        Ok(Self { der, chain, read })
    }

    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// `x5t#S256` (RFC 8705 §3.1): the SHA-256 of the DER form, in base64url.
    pub fn thumbprint(&self) -> String {
        URL_SAFE_NO_PAD.encode(sha256(&self.der))
    }

    /// Whether its subject is the distinguished name that `text` writes (RFC 4514).
    pub fn has_subject(&self, text: &str) -> bool {
        let subject = Name::of(self.read.tbs_certificate().subject());
        Name::parse(text).is_some_and(|wanted| subject.is_some_and(|subject| subject == wanted))
    }

    /// Whether an alternative name is this DNS name. A wildcard is a name like any other.
    pub fn has_dns(&self, name: &str) -> bool {
        self.has_alternative(|own| match own {
            GeneralName::DnsName(own) => own.as_str().eq_ignore_ascii_case(name),
            _ => false,
        })
    }

    /// Whether an alternative name is this URI, byte for byte.
    pub fn has_uri(&self, uri: &str) -> bool {
        self.has_alternative(|own| match own {
            GeneralName::UniformResourceIdentifier(own) => own.as_str() == uri,
            _ => false,
        })
    }

    /// Whether an alternative name is this address; compared as bytes, for one address has several
    /// spellings (RFC 8705 §2.1.2).
    pub fn has_ip(&self, text: &str) -> bool {
        let Ok(wanted) = text.parse::<IpAddr>() else {
            return false;
        };
        self.has_alternative(|own| match (own, wanted) {
            (GeneralName::IpAddress(own), IpAddr::V4(ip)) => own.as_bytes() == ip.octets(),
            (GeneralName::IpAddress(own), IpAddr::V6(ip)) => own.as_bytes() == ip.octets(),
            _ => false,
        })
    }

    /// Whether an alternative name is this mail address, byte for byte.
    pub fn has_email(&self, address: &str) -> bool {
        self.has_alternative(|own| match own {
            GeneralName::Rfc822Name(own) => own.as_str() == address,
            _ => false,
        })
    }

    fn has_alternative(&self, fits: impl Fn(&GeneralName) -> bool) -> bool {
        let names = self
            .read
            .tbs_certificate()
            .get_extension::<SubjectAltName>();
        names.is_ok_and(|names| names.is_some_and(|(_, names)| names.0.iter().any(fits)))
    }

    /// Whether `jwk` is the key of this certificate (RFC 8705 §2.2). A JWK that holds or names a
    /// certificate of its own means that certificate, not any with the same key.
    pub fn is_of(&self, jwk: &Value) -> bool {
        if jwk.get("use").is_some_and(|usage| usage != "sig") {
            return false;
        }
        if let Some(own) = jwk.get("x5c") {
            // RFC 7517 §4.7: base64, not base64url.
            let own = own.get(0).and_then(Value::as_str);
            let own =
                own.and_then(|own| base64::engine::general_purpose::STANDARD.decode(own).ok());
            return own.is_some_and(|own| own == self.der);
        }
        if let Some(own) = jwk.get("x5t#S256") {
            return own.as_str() == Some(self.thumbprint().as_str());
        }
        let key = self.public_key();
        key.is_some_and(|key| key.iter().all(|(name, value)| jwk.get(name) == Some(value)))
    }

    /// The members of a JWK that make up the public key; none for a kind that JWKs do not know.
    fn public_key(&self) -> Option<Map<String, Value>> {
        let info = self.read.tbs_certificate().subject_public_key_info();
        let bits = info.subject_public_key.as_bytes()?;
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let jwk = match info.algorithm.oid {
            RSA => {
                let (n, e) = rsa(bits)?;
                json!({ "kty": "RSA", "n": text(&n), "e": text(&e) })
            }
            EC => {
                let curve = info.algorithm.parameters.as_ref()?;
                let curve: ObjectIdentifier = curve.decode_as().ok()?;
                let (_, name, length) = CURVES.iter().find(|(oid, ..)| *oid == curve)?;
                // SEC 1 §2.3.3: uncompressed, as RFC 8422 §5.1.1 asks of TLS.
                let point = bits.strip_prefix(&[4])?;
                let (x, y) = point.split_at_checked(*length)?;
                json!({ "kty": "EC", "crv": name, "x": text(x), "y": text(y) })
            }
            ED25519 => json!({ "kty": "OKP", "crv": "Ed25519", "x": text(bits) }),
            _ => return None,
        };
        jwk.as_object().cloned()
    }

    /// From when to when it is good.
    pub fn validity(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let validity = self.read.tbs_certificate().validity();
        let time = |since: Duration| {
            DateTime::from_timestamp(since.as_secs().try_into().unwrap_or(i64::MAX), 0)
                .unwrap_or(DateTime::<Utc>::MAX_UTC)
        };
        (
            time(validity.not_before.to_unix_duration()),
            time(validity.not_after.to_unix_duration()),
        )
    }

    /// Whether it is a certificate for this host (RFC 6125): for ours, and by its wildcards too.
    pub fn covers(&self, host: &str) -> bool {
        let der = CertificateDer::from(self.der.as_slice());
        let Ok(certificate) = ParsedCertificate::try_from(&der) else {
            return false;
        };
        ServerName::try_from(host).is_ok_and(|host| verify_server_name(&certificate, &host).is_ok())
    }
}

/// Whether `text` writes a distinguished name (RFC 4514).
pub fn is_subject(text: &str) -> bool {
    Name::parse(text).is_some()
}

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017 §A.1.1).
fn rsa(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let read = AnyRef::from_der(der).ok()?.sequence(|reader| {
        let n = UintRef::decode(reader)?.as_bytes().to_vec();
        let e = UintRef::decode(reader)?.as_bytes().to_vec();
        Ok::<_, x509_cert::der::Error>((n, e))
    });
    read.ok()
}

#[cfg(test)]
mod tests;
