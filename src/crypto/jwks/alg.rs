//! The algorithms of foreign signatures, and which keys are made for which.

use jsonwebtoken::{
    Algorithm,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse},
};

/// The signature algorithms of which a relying party accepts some. Those with a shared secret and
/// `none` cannot be written down, so no list can allow them (RFC 8725 §3.1, §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwsAlg {
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    EdDSA,
}

impl JwsAlg {
    pub const ALL: [Self; 9] = [
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::EdDSA,
    ];

    /// By its name in RFC 7518 §3.1 and RFC 8037 §3.1.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::EdDSA => "EdDSA",
        }
    }

    pub(super) fn algorithm(self) -> Algorithm {
        match self {
            Self::RS256 => Algorithm::RS256,
            Self::RS384 => Algorithm::RS384,
            Self::RS512 => Algorithm::RS512,
            Self::PS256 => Algorithm::PS256,
            Self::PS384 => Algorithm::PS384,
            Self::PS512 => Algorithm::PS512,
            Self::ES256 => Algorithm::ES256,
            Self::ES384 => Algorithm::ES384,
            Self::EdDSA => Algorithm::EdDSA,
        }
    }

    /// Whether a key is made for this: its type and curve, and its own `use`, `key_ops` and `alg`
    /// if it has them (RFC 7517 §4).
    pub(super) fn suits(self, jwk: &Jwk) -> bool {
        let made_for = match (self, &jwk.algorithm) {
            (Self::ES256, AlgorithmParameters::EllipticCurve(key)) => {
                key.curve == EllipticCurve::P256
            }
            (Self::ES384, AlgorithmParameters::EllipticCurve(key)) => {
                key.curve == EllipticCurve::P384
            }
            (Self::EdDSA, AlgorithmParameters::OctetKeyPair(key)) => {
                key.curve == EllipticCurve::Ed25519
            }
            (Self::ES256 | Self::ES384 | Self::EdDSA, _) => false,
            (_, parameters) => matches!(parameters, AlgorithmParameters::RSA(_)),
        };
        let common = &jwk.common;
        let may = |ops: &Vec<KeyOperations>| ops.contains(&KeyOperations::Verify);
        let own = KeyAlgorithm::from(self.algorithm());
        made_for
            && common.key_algorithm.is_none_or(|alg| alg == own)
            && common.key_operations.as_ref().is_none_or(may)
            && matches!(common.public_key_use, None | Some(PublicKeyUse::Signature))
    }
}
