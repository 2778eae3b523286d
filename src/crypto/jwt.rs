//! JSON Web Signatures: made with parsed keys that are kept, read only by the rules of RFC 8725.

use std::fmt;

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
        RsaPublicKeyComponents,
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

/// A key pair with its public half ready for JWKS.
pub struct SigningPair {
    pub kid: String,
    pub alg: SigningAlg,
    /// The public JWK with `kid`, `alg` and `use`.
    pub jwk: Value,
    pair: Pair,
    public: DecodingKey,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
}

impl Typ {
    /// The `typ` header.
    pub fn name(self) -> &'static str {
        match self {
            Self::IdToken => "JWT",
            Self::AccessToken => "at+jwt",
        }
    }

    fn fits(self, typ: Option<&str>) -> bool {
        is_typ(typ, self.name())
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

impl SigningPair {
    /// Makes a key pair; answers its PKCS#8 form too, for the table.
    pub fn generate(alg: SigningAlg) -> Result<(Self, Zeroizing<Vec<u8>>), BadKey> {
        let pkcs8 = match alg {
            SigningAlg::RS256 => {
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
        };
        let pkcs8 = Zeroizing::new(pkcs8);
        Ok((Self::read(alg, &pkcs8)?, pkcs8))
    }

    /// From PKCS#8.
    pub fn read(alg: SigningAlg, pkcs8: &[u8]) -> Result<Self, BadKey> {
        let (pair, mut jwk) = match alg {
            SigningAlg::RS256 => {
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
        };
        let parsed: Jwk = serde_json::from_value(jwk.clone()).map_err(|_| BadKey)?;
        let kid = parsed
            .thumbprint(ThumbprintHash::SHA256)
            .map_err(|_| BadKey)?;
        let public = DecodingKey::from_jwk(&parsed).map_err(|_| BadKey)?;
        for (name, value) in [("use", "sig"), ("alg", alg.name()), ("kid", &kid)] {
            jwk[name] = Value::from(value);
        }
        Ok(Self {
            kid,
            alg,
            jwk,
            pair,
            public,
        })
    }

    /// Signs `claims` as a compact JWS.
    pub fn sign<T: Serialize>(&self, typ: Typ, claims: &T) -> anyhow::Result<String> {
        let mut header = Header::new(algorithm(self.alg));
        header.typ = Some(typ.name().to_owned());
        header.kid = Some(self.kid.clone());
        let mut jws = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header)?);
        jws.push('.');
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims)?, &mut jws);
        let signature = self.signature(jws.as_bytes())?;
        jws.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut jws);
        Ok(jws)
    }

    /// Reads a token that this key must have signed; times are the caller's to check.
    pub(super) fn verify<T: DeserializeOwned>(&self, token: &str) -> Result<T, BadToken> {
        let mut rules = Validation::new(algorithm(self.alg));
        // `exp`, `iss` and `aud` are judged by the caller: with our clock, and all of them.
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        let read = jsonwebtoken::decode::<T>(token, &self.public, &rules).map_err(|_| BadToken)?;
        Ok(read.claims)
    }

    fn signature(&self, message: &[u8]) -> anyhow::Result<Vec<u8>> {
        let rng = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &rng, message, &mut signature)
                    .map_err(|_| anyhow::anyhow!("RSA signature failed"))?;
                Ok(signature)
            }
            Pair::Ecdsa(pair) => {
                let signature = pair
                    .sign(&rng, message)
                    .map_err(|_| anyhow::anyhow!("ECDSA signature failed"))?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }
}

impl fmt::Debug for SigningPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningPair({} {})", self.alg.name(), self.kid)
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
    }
}
