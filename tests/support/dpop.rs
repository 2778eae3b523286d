//! Dpop: a key of a client, and the proofs that it holds it (RFC 9449 §4).

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
        RSA_PSS_SHA256, RsaKeyPair, RsaPublicKeyComponents,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::{
    clock::Clock,
    crypto::{secret::random_id, sha256},
};
use serde_json::{Value, json};

use super::{answer::Answer, expect::Tokens};

/// A key of a client. One per client, unless a test is about another key.
pub struct DpopKey {
    /// The `alg` of its proofs, unless a test writes another into the header.
    pub alg: &'static str,
    /// The public half: what makes the thumbprint, in the order of its names.
    pub jwk: Value,
    pair: Pair,
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// What a proof says beside its method and URL.
#[derive(Clone, Debug, Default)]
pub struct Options<'a> {
    /// The access token that goes along, for `ath`.
    pub access_token: Option<&'a str>,
    /// The nonce that the server asked for.
    pub nonce: Option<&'a str>,
    /// Seconds since 1970; now, if there is none. A house whose clock was turned has its own now.
    pub iat: Option<i64>,
    /// The same again for a replay; a new one, if there is none.
    pub jti: Option<&'a str>,
    /// Members of the header to replace; null takes out.
    pub header: Value,
    /// Claims to replace; null takes out.
    pub claims: Value,
}

impl DpopKey {
    /// An ES256 key, which most clients have.
    pub fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key pair");
        let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
        let jwk = json!({ "crv": "P-256", "kty": "EC", "x": text(x), "y": text(y) });
        let pair = Pair::Ecdsa(pair);
        Self {
            alg: "ES256",
            jwk,
            pair,
        }
    }

    /// An Ed25519 key.
    pub fn ed25519() -> Self {
        let pair = Ed25519KeyPair::generate().expect("a key pair");
        let x = text(pair.public_key().as_ref());
        let jwk = json!({ "crv": "Ed25519", "kty": "OKP", "x": x });
        let pair = Pair::Ed25519(pair);
        Self {
            alg: "EdDSA",
            jwk,
            pair,
        }
    }

    /// An RSA key, for PS256 or RS256.
    pub fn rsa(alg: &'static str) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key pair");
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
        let jwk = json!({ "e": text(&public.e), "kty": "RSA", "n": text(&public.n) });
        let pair = Pair::Rsa(pair);
        Self { alg, jwk, pair }
    }

    /// The thumbprint of the key (RFC 7638 §3).
    pub fn jkt(&self) -> String {
        text(&sha256(self.jwk.to_string().as_bytes()))
    }

    /// A proof for one request with this method to this URL.
    pub fn proof(&self, method: &str, url: &str, options: Options<'_>) -> String {
        let header = json!({ "typ": "dpop+jwt", "alg": self.alg, "jwk": self.jwk });
        let now = || Clock::default().now().timestamp();
        let mut claims = json!({
            "jti": options.jti.map_or_else(random_id::<16>, str::to_owned),
            "htm": method,
            "htu": url,
            "iat": options.iat.unwrap_or_else(now),
        });
        if let Some(token) = options.access_token {
            claims["ath"] = json!(text(&sha256(token.as_bytes())));
        }
        if let Some(nonce) = options.nonce {
            claims["nonce"] = json!(nonce);
        }
        let header = changed(header, &options.header);
        self.sign(
            &header.to_string(),
            &changed(claims, &options.claims).to_string(),
        )
    }

    /// Signs whatever texts these are.
    pub fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", text(header.as_bytes()), text(claims.as_bytes()));
        let (bytes, rng) = (message.as_bytes(), SystemRandom::new());
        let signature = match &self.pair {
            Pair::Ecdsa(pair) => pair
                .sign(&rng, bytes)
                .expect("a signature")
                .as_ref()
                .to_vec(),
            Pair::Ed25519(pair) => pair.sign(bytes).as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let padding = match self.alg {
                    "PS256" => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &rng, bytes, &mut signature)
                    .expect("a signature");
                signature
            }
        };
        format!("{message}.{}", text(&signature))
    }
}

impl Answer {
    /// A token response whose token is bound to the key of the proof (RFC 9449 §5).
    #[track_caller]
    pub fn bound_tokens(&self) -> Tokens {
        self.tokens_of("DPoP")
    }

    /// 401 of a resource that wants another proof or another token (RFC 9449 §7.1).
    #[track_caller]
    pub fn dpop_error(&self, code: &str) -> &Self {
        self.is(401);
        let named = format!("error=\"{code}\"");
        self.has("WWW-Authenticate", |challenge| {
            challenge.starts_with("DPoP ")
                && challenge.contains(&named)
                && challenge.contains("algs=\"PS256 ES256 EdDSA\"")
        })
    }
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// `object` with these members replaced; null takes out.
fn changed(mut object: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().into_iter().flatten() {
        match value {
            Value::Null => drop(object.as_object_mut().map(|object| object.remove(name))),
            value => object[name] = value.clone(),
        }
    }
    object
}
