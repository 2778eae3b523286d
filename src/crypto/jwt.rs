//! JSON Web Signatures: made with parsed keys that are kept, read only by the rules of RFC 8725.

use std::fmt;

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
        RSA_PSS_SHA256, RsaKeyPair, RsaPublicKeyComponents,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::value::SigningAlg;
use jsonwebtoken::{
    Algorithm, DecodingKey, Header, Validation,
    jwk::{Jwk, ThumbprintHash},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// Explicit types, so that a token of one kind is nothing in another kind's place
/// (RFC 8725 §3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typ {
    /// OpenID Connect Core §2.
    IdToken,
    /// RFC 9068 §2.1.
    AccessToken,
    /// OpenID Connect Back-Channel Logout §2.4.
    LogoutToken,
    /// OpenID Connect Core §5.3.2. It has no type of its own, and as it has none at all it is nothing
    /// in any other's place.
    Userinfo,
}

/// The longest compact JWS that is looked at, in bytes.
const LONGEST: usize = 8 * 1024;

/// Whatever is wrong with a token; a stranger is told no more than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token of ours")]
pub struct BadToken;

/// A key could not be made or read.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the key pair is not usable")]
pub struct BadKey;

/// The public half of a key pair, ready for JWKS: what it signed can be told by it.
pub struct PublicKey {
    /// The RFC 7638 thumbprint, which no two keys share.
    pub kid: String,
    pub alg: SigningAlg,
    /// The public JWK with `kid`, `alg` and `use`.
    pub jwk: Value,
    decoding: DecodingKey,
}

/// A key pair.
pub struct SigningPair {
    pub public: PublicKey,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Typ {
    /// The `typ` header.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::IdToken => Some("JWT"),
            Self::AccessToken => Some("at+jwt"),
            Self::LogoutToken => Some("logout+jwt"),
            Self::Userinfo => None,
        }
    }

    fn fits(self, typ: Option<&str>) -> bool {
        self.name().is_some_and(|name| is_typ(typ, name))
    }
}

/// `typ` compares without case and with or without `application/` (RFC 7515 §4.1.9).
pub(super) fn is_typ(typ: Option<&str>, name: &str) -> bool {
    let Some(typ) = typ else { return false };
    let lower = typ.to_ascii_lowercase();
    lower
        .strip_prefix("application/")
        .unwrap_or(&lower)
        .eq_ignore_ascii_case(name)
}

impl PublicKey {
    /// From a JWK, of which the members that say what the key *is* are read.
    pub fn read(alg: SigningAlg, mut jwk: Value) -> Result<Self, BadKey> {
        let parsed: Jwk = serde_json::from_value(jwk.clone()).map_err(|_| BadKey)?;
        let kid = parsed
            .thumbprint(ThumbprintHash::SHA256)
            .map_err(|_| BadKey)?;
        let decoding = DecodingKey::from_jwk(&parsed).map_err(|_| BadKey)?;
        for (name, value) in [("use", "sig"), ("alg", alg.name()), ("kid", &kid)] {
            jwk[name] = Value::from(value);
        }
        Ok(Self {
            kid,
            alg,
            jwk,
            decoding,
        })
    }

    /// Reads a token that this key must have signed; times are the caller's to check.
    pub(super) fn verify<T: DeserializeOwned>(&self, token: &str) -> Result<T, BadToken> {
        let mut rules = Validation::new(algorithm(self.alg));
        // `exp`, `iss` and `aud` are judged by the caller: with our clock, and all of them.
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        let read =
            jsonwebtoken::decode::<T>(token, &self.decoding, &rules).map_err(|_| BadToken)?;
        Ok(read.claims)
    }
}

impl SigningPair {
    /// Makes a key pair; answers its PKCS#8 form too, for the table.
    pub fn generate(alg: SigningAlg) -> Result<(Self, Zeroizing<Vec<u8>>), BadKey> {
        let pkcs8 = match alg {
            SigningAlg::RS256 | SigningAlg::PS256 => {
                use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| BadKey)?;
                let der: Pkcs8V1Der = pair.as_der().map_err(|_| BadKey)?;
                der.as_ref().to_vec()
            }
            SigningAlg::ES256 => {
                let rng = SystemRandom::new();
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng)
                    .map_err(|_| BadKey)?
                    .as_ref()
                    .to_vec()
            }
            SigningAlg::EdDSA => Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
                .map_err(|_| BadKey)?
                .as_ref()
                .to_vec(),
        };
        let pkcs8 = Zeroizing::new(pkcs8);
        Ok((Self::read(alg, &pkcs8)?, pkcs8))
    }

    /// From PKCS#8.
    pub fn read(alg: SigningAlg, pkcs8: &[u8]) -> Result<Self, BadKey> {
        let (pair, jwk) = match alg {
            SigningAlg::RS256 | SigningAlg::PS256 => {
                let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| BadKey)?;
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                let jwk = json!({
                    "kty": "RSA",
                    "n": URL_SAFE_NO_PAD.encode(&public.n),
                    "e": URL_SAFE_NO_PAD.encode(&public.e),
                });
                (Pair::Rsa(pair), jwk)
            }
            SigningAlg::ES256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
                    .map_err(|_| BadKey)?;
                // An uncompressed point: 4, x, y.
                let point = pair.public_key().as_ref();
                let (x, y) = point
                    .get(1..)
                    .and_then(|xy| xy.split_at_checked(32))
                    .ok_or(BadKey)?;
                let jwk = json!({
                    "kty": "EC",
                    "crv": "P-256",
                    "x": URL_SAFE_NO_PAD.encode(x),
                    "y": URL_SAFE_NO_PAD.encode(y),
                });
                (Pair::Ecdsa(pair), jwk)
            }
            SigningAlg::EdDSA => {
                let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| BadKey)?;
                let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
                let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x });
                (Pair::Ed25519(pair), jwk)
            }
        };
        let public = PublicKey::read(alg, jwk)?;
        Ok(Self { public, pair })
    }

    /// Signs `claims` as a compact JWS.
    pub fn sign<T: Serialize>(&self, typ: Typ, claims: &T) -> anyhow::Result<String> {
        let mut header = Header::new(algorithm(self.public.alg));
        header.typ = typ.name().map(str::to_owned);
        header.kid = Some(self.public.kid.clone());
        let mut jws = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header)?);
        jws.push('.');
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims)?, &mut jws);
        let signature = self.signature(jws.as_bytes())?;
        jws.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut jws);
        Ok(jws)
    }

    fn signature(&self, message: &[u8]) -> anyhow::Result<Vec<u8>> {
        let rng = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let padding = match self.public.alg {
                    SigningAlg::PS256 => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                pair.sign(padding, &rng, message, &mut signature)
                    .map_err(|_| anyhow::anyhow!("RSA signature failed"))?;
                Ok(signature)
            }
            Pair::Ecdsa(pair) => {
                let signature = pair
                    .sign(&rng, message)
                    .map_err(|_| anyhow::anyhow!("ECDSA signature failed"))?;
                Ok(signature.as_ref().to_vec())
            }
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}

impl fmt::Debug for SigningPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningPair({:?})", self.public)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.alg.name(), self.kid)
    }
}

/// The `kid` of a token that may be one of ours: of the expected type, and with nothing in its
/// header that would point us to a key of the sender's (RFC 8725 §3.10).
pub(super) fn kid(token: &str, typ: Typ) -> Result<String, BadToken> {
    if token.len() > LONGEST || token.bytes().filter(|b| *b == b'.').count() != 2 {
        return Err(BadToken);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| BadToken)?;
    let foreign = header.jku.is_some()
        || header.jwk.is_some()
        || header.x5u.is_some()
        || header.x5c.is_some()
        || header.crit.is_some()
        || header.zip.is_some()
        || header.enc.is_some()
        || !header.extras.inner().is_empty();
    if foreign || !typ.fits(header.typ.as_deref()) {
        return Err(BadToken);
    }
    header.kid.ok_or(BadToken)
}

fn algorithm(alg: SigningAlg) -> Algorithm {
    match alg {
        SigningAlg::RS256 => Algorithm::RS256,
        SigningAlg::ES256 => Algorithm::ES256,
        SigningAlg::PS256 => Algorithm::PS256,
        SigningAlg::EdDSA => Algorithm::EdDSA,
    }
}
