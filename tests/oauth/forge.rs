//! Forge: signed tokens as we would never make them: with anybody's key, with ours, with none, with
//! any header.

use std::{
    io::ErrorKind,
    net::{Ipv4Addr, TcpListener},
};

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use doorward::crypto::seal::Purpose;
use entity::{signing_key, value::SigningAlg};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::support::house::House;

/// Whoever signs.
pub enum Signer {
    Rsa(String, RsaKeyPair),
    Ecdsa(String, EcdsaKeyPair),
    /// A MAC, for which both sides know the key.
    Mac(Box<hmac::Key>),
    Nobody,
}

impl Signer {
    /// Us, with the private key out of the house's own table.
    pub async fn ours(house: &House, alg: SigningAlg) -> Self {
        let app = &house.app;
        let keys = signing_key::Entity::find().all(&app.db.read).await;
        let mut keys = keys.expect("the keys").into_iter();
        let row = keys.find(|key| key.alg == alg).expect("a key");
        let place = format!("signing_key|private_key|{}", row.kid);
        let opened = app
            .sealer
            .open(Purpose::SigningKey, &place, &row.private_key);
        let pkcs8 = opened.expect("a private key");
        match alg {
            SigningAlg::RS256 => {
                Self::Rsa(row.kid, RsaKeyPair::from_pkcs8(&pkcs8).expect("a key pair"))
            }
            SigningAlg::ES256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8);
                Self::Ecdsa(row.kid, pair.expect("a key pair"))
            }
            SigningAlg::PS256 | SigningAlg::EdDSA => panic!("nothing is forged with these"),
        }
    }

    /// Somebody else.
    pub fn theirs() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        Self::Ecdsa("theirs".to_owned(), pair.expect("a key pair"))
    }

    pub fn mac(alg: &str, key: &[u8]) -> Self {
        let hash = match alg {
            "HS256" => hmac::HMAC_SHA256,
            "HS384" => hmac::HMAC_SHA384,
            _ => hmac::HMAC_SHA512,
        };
        Self::Mac(Box::new(hmac::Key::new(hash, key)))
    }

    pub fn alg(&self) -> &'static str {
        match self {
            Self::Rsa(..) => "RS256",
            Self::Ecdsa(..) => "ES256",
            Self::Mac(_) => "HS256",
            Self::Nobody => "none",
        }
    }

    pub fn kid(&self) -> &str {
        match self {
            Self::Rsa(kid, _) | Self::Ecdsa(kid, _) => kid,
            _ => "",
        }
    }

    /// The public half of an ECDSA key.
    pub fn jwk(&self) -> Value {
        let Self::Ecdsa(kid, pair) = self else {
            panic!("no ECDSA key");
        };
        let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({ "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y), "kid": kid, "alg": "ES256" })
    }

    /// A token with the header that this signer should have, but for `changes`; null takes out.
    pub fn token(&self, typ: &str, changes: &Value, claims: &Value) -> String {
        let mut header = json!({ "alg": self.alg(), "typ": typ, "kid": self.kid() });
        for (name, value) in changes.as_object().expect("changes") {
            match value {
                Value::Null => drop(header.as_object_mut().map(|header| header.remove(name))),
                value => header[name] = value.clone(),
            }
        }
        self.sign(&header.to_string(), &claims.to_string())
    }

    /// Signs whatever bytes these are.
    pub fn sign(&self, header: &str, payload: &str) -> String {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let message = format!("{}.{}", text(header.as_bytes()), text(payload.as_bytes()));
        let bytes = message.as_bytes();
        let rng = SystemRandom::new();
        let signature = match self {
            Self::Rsa(_, pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let signed = pair.sign(&RSA_PKCS1_SHA256, &rng, bytes, &mut signature);
                signed.expect("a signature");
                signature
            }
            Self::Ecdsa(_, pair) => pair
                .sign(&rng, bytes)
                .expect("a signature")
                .as_ref()
                .to_vec(),
            Self::Mac(key) => hmac::sign(key, bytes).as_ref().to_vec(),
            Self::Nobody => vec![],
        };
        format!("{message}.{}", text(&signature))
    }
}

/// Every form in which a public key lies about: what a library that takes a key's bytes for a
/// password would use.
pub fn spellings(jwk: &Value) -> Vec<Vec<u8>> {
    let part = |name: &str| {
        let text = jwk[name].as_str().unwrap_or_default();
        URL_SAFE_NO_PAD.decode(text).expect("base64url")
    };
    let (bare, algorithm) = match jwk["kty"].as_str() {
        Some("RSA") => {
            let numbers = [integer(&part("n")), integer(&part("e"))].concat();
            // rsaEncryption (RFC 8017 Appendix A.1) and its NULL.
            let oid = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
            (der(0x30, &numbers), der(0x30, oid))
        }
        // id-Ed25519 (RFC 8410 §3).
        Some("OKP") => (part("x"), der(0x30, b"\x06\x03\x2b\x65\x70")),
        _ => {
            let point = [&[4], &part("x")[..], &part("y")].concat();
            // id-ecPublicKey and secp256r1 (RFC 5480 §2.1.1).
            let oid =
                b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
            (point, der(0x30, oid))
        }
    };
    let bits = der(0x03, &[&[0], &bare[..]].concat());
    let spki = der(0x30, &[algorithm, bits].concat());
    let pem = pem("PUBLIC KEY", &spki);
    let mut public = jwk.clone();
    for name in ["kid", "alg", "use"] {
        drop(public.as_object_mut().map(|jwk| jwk.remove(name)));
    }
    let mut all = vec![
        pem.trim_end().as_bytes().to_vec(),
        pem.replace('\n', "\r\n").into_bytes(),
        pem.into_bytes(),
        self::pem("RSA PUBLIC KEY", &bare).into_bytes(),
        STANDARD.encode(&spki).into_bytes(),
        spki,
        bare,
        jwk.to_string().into_bytes(),
        public.to_string().into_bytes(),
        json!({ "keys": [jwk] }).to_string().into_bytes(),
        [part("x"), part("y")].concat(),
    ];
    for name in ["n", "e", "x", "y", "kid"] {
        if let Some(text) = jwk[name].as_str() {
            all.push(text.as_bytes().to_vec());
            all.push(part(name));
        }
    }
    all.retain(|key| !key.is_empty());
    all.push(vec![]);
    all
}

/// ITU-T X.690 §8.1: identifier, length, contents.
fn der(identifier: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut all = vec![identifier];
    match contents.len() {
        short @ 0..128 => all.push(u8::try_from(short).expect("a short length")),
        _ => {
            all.push(0x80 | u8::try_from(length.len()).expect("a length of lengths"));
            all.extend(length);
        }
    }
    all.extend(contents);
    all
}

/// §8.3: a zero in front where the number would read as negative.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if bytes[0] & 0x80 == 0 { &[] } else { &[0] };
    der(0x02, &[sign, bytes].concat())
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("ASCII"))
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

/// A port that nobody may knock at.
pub struct Bait(TcpListener);

impl Bait {
    pub fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        listener
            .set_nonblocking(true)
            .expect("a port that does not wait");
        Self(listener)
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.0.local_addr().expect("an address"))
    }

    /// Fails if anybody connected.
    pub fn untouched(&self) {
        let knock = self.0.accept().map(|(_, from)| from);
        assert!(
            knock
                .as_ref()
                .is_err_and(|error| error.kind() == ErrorKind::WouldBlock),
            "{knock:?}"
        );
    }
}
