//! PBKDF2 (RFC 8018 §5.2): as Django writes it, as a PHC string, and as passlib does.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;

use super::{base64, number, parameter, sound};

pub(in crate::crypto::password) struct Hash {
    digest: Digest,
    iterations: NonZeroU32,
    salt: Vec<u8>,
    tag: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Digest {
    Sha256,
    Sha512,
}

impl Digest {
    fn named(name: &str) -> Option<Self> {
        match name {
            "sha256" => Some(Self::Sha256),
            "sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

pub(super) fn read(stored: &str) -> Option<Hash> {
    let mut parts = stored.split('$');
    let first = parts.next()?;
    let rest: Vec<&str> = parts.collect();
    let (digest, iterations, salt, tag) = match (first.strip_prefix("pbkdf2_"), rest.as_slice()) {
        // Django's salt is text.
        (Some(digest), [iterations, salt, tag]) => (
            digest,
            number(iterations)?,
            salt.as_bytes().to_vec(),
            base64(tag)?,
        ),
        (None, [name, parameters, salt, tag]) if first.is_empty() => (
            name.strip_prefix("pbkdf2-")?,
            number(parameters).or_else(|| parameter(parameters, "i"))?,
            base64(salt)?,
            base64(tag)?,
        ),
        _ => return None,
    };
    let (salt, tag) = sound(salt, tag)?;
    Some(Hash {
        digest: Digest::named(digest)?,
        iterations: NonZeroU32::new(iterations)?,
        salt,
        tag,
    })
}

impl Hash {
    pub(super) fn fits(&self, typed: &str) -> bool {
        let algorithm = match self.digest {
            Digest::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Digest::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        };
        let password = typed.as_bytes();
        pbkdf2::verify(algorithm, self.iterations, &self.salt, password, &self.tag).is_ok()
    }

    /// Each block of the tag takes all the iterations.
    pub(super) fn cost(&self) -> u32 {
        let (times, of) = match self.digest {
            Digest::Sha256 => (3, 4),
            Digest::Sha512 => (5, 3),
        };
        let blocks = self.tag.len().div_ceil(self.digest.length()) as u64;
        let cost = u64::from(self.iterations.get()) * blocks * times / of;
        u32::try_from(cost).unwrap_or(u32::MAX)
    }
}
