//! The PHC string: how a hash is written into a row, and read from it.

use argon2::{
    Algorithm, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};

/// What a hash was made with, its salt and its tag.
pub(super) type Parts = (Params, Vec<u8>, Vec<u8>);

pub(super) fn encode(params: &Params, salt: &[u8], tag: &[u8]) -> String {
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).unwrap_or_default(),
        salt: Salt::new(salt).ok(),
        hash: Output::new(tag).ok(),
    };
    hash.to_string()
}

/// None if it is not an argon2id hash of our length and of the version that we write.
pub(super) fn decode(phc: &str) -> Option<Parts> {
    let hash = PasswordHash::new(phc).ok()?;
    let is_current = hash.version == Some(Version::V0x13.into());
    if hash.algorithm != Algorithm::Argon2id.ident() || !is_current {
        return None;
    }
    // What a key was mixed into cannot be verified without it.
    let params = Params::try_from(&hash)
        .ok()
        .filter(|params| params.keyid().is_empty())?;
    let (salt, tag) = (hash.salt?, hash.hash?);
    let is_ours = tag.as_ref().len() == 32 && salt.as_ref().len() >= argon2::MIN_SALT_LEN;
    is_ours.then(|| (params, salt.as_ref().to_vec(), tag.as_ref().to_vec()))
}
