//! Made: certificates, each with its key, and those who vouch for them.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::crypto::sha256;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair,
};
use serde_json::{Value, json};

/// A certificate and its key.
pub struct Made {
    pub certificate: rcgen::Certificate,
    pub key: KeyPair,
}

/// Somebody who vouches for certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Made {
    /// One that vouches for itself.
    pub fn alone(fill: impl FnOnce(&mut CertificateParams)) -> Self {
        let key = KeyPair::generate().expect("a key");
        let certificate = params(fill).self_signed(&key).expect("a certificate");
        Self { certificate, key }
    }

    /// For this machine, as servers have it.
    pub fn localhost() -> Self {
        Self::alone(for_localhost)
    }

    /// Another certificate with the same key.
    pub fn again(&self) -> Self {
        let key = KeyPair::from_pem(&self.key.serialize_pem()).expect("a key");
        let certificate = params(|_| ()).self_signed(&key).expect("a certificate");
        Self { certificate, key }
    }

    /// `x5t#S256` (RFC 8705 §3.1).
    pub fn thumbprint(&self) -> String {
        URL_SAFE_NO_PAD.encode(sha256(self.certificate.der()))
    }

    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// Both, in one file.
    pub fn both(&self) -> String {
        self.pem() + &self.key.serialize_pem()
    }

    /// Writes both into `folder`, the key so that only its owner may read it.
    pub fn write(&self, folder: &Path) {
        private(&folder.join("server.pem"), &self.pem());
        private(&folder.join("server.key"), &self.key.serialize_pem());
    }
}

impl Authority {
    pub fn named(name: &str) -> Self {
        let params = params(|params| {
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        });
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("an authority"))
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    pub fn vouches_for(&self, fill: impl FnOnce(&mut CertificateParams)) -> Made {
        let key = KeyPair::generate().expect("a key");
        let certificate = params(fill).signed_by(&key, &self.0);
        Made {
            certificate: certificate.expect("a certificate"),
            key,
        }
    }
}

pub fn for_localhost(params: &mut CertificateParams) {
    let names = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()]);
    params.subject_alt_names = names.expect("names").subject_alt_names;
}

fn params(fill: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    fill(&mut params);
    params
}

/// The public key of a certificate.
pub fn jwk(made: &Made) -> Value {
    let point = made.key.public_key_raw();
    let (x, y) = point[1..].split_at(32);
    let [x, y] = [x, y].map(|half| URL_SAFE_NO_PAD.encode(half));
    json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": made.thumbprint() })
}

/// A key set of these.
pub fn jwks(all: &[&Made]) -> Value {
    json!({ "keys": all.iter().map(|made| jwk(made)).collect::<Vec<_>>() })
}

/// Writes a file that only its owner may read.
pub fn private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, text).expect("a file for a test");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("its permissions");
}
