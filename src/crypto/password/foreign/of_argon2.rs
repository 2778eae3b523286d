//! Argon2 that is not as we make it: another variant, the version before, or a tag of another length.

use argon2::{Algorithm, Argon2, Block, Params, Version, password_hash::phc::PasswordHash};
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;

use super::sound;
use crate::crypto::password::cost;

pub(in crate::crypto::password) struct Hash {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Vec<u8>,
    tag: Vec<u8>,
}

pub(super) fn read(stored: &str) -> Option<Hash> {
    let hash = PasswordHash::new(stored).ok()?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    // A string without a version is of the one before versions were written.
    let version = Version::try_from(hash.version.unwrap_or(0x10)).ok()?;
    // What a key was mixed into cannot be verified without it.
    let params = Params::try_from(&hash)
        .ok()
        .filter(|params| params.keyid().is_empty())?;
    let (salt, tag) = (hash.salt?, hash.hash?);
    let (salt, tag) = sound(salt.as_ref().to_vec(), tag.as_ref().to_vec())?;
    Some(Hash {
        algorithm,
        version,
        params,
        salt,
        tag,
    })
}

impl Hash {
    pub(super) fn fits(&self, typed: &str, memory: &mut Vec<Block>) -> bool {
        // In NFC, as ours are: a string does not say who made it.
        let password: String = typed.nfc().collect();
        let argon2 = Argon2::new(self.algorithm, self.version, self.params.clone());
        memory.resize(self.params.block_count(), Block::default());
        let mut found = vec![0; self.tag.len()];
        let done = argon2.hash_password_into_with_memory(
            password.as_bytes(),
            &self.salt,
            &mut found,
            memory,
        );
        done.is_ok() && found.ct_eq(&self.tag).into()
    }

    pub(super) fn cost(&self) -> u32 {
        cost(&self.params)
    }

    pub(super) fn memory_kib(&self) -> u32 {
        self.params.m_cost()
    }
}
