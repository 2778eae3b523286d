//! bcrypt: `$2a$`, `$2b$` and `$2y$`, which differ for no password that fits into one.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use subtle::ConstantTimeEq;

use super::number;

pub(in crate::crypto::password) struct Hash {
    cost: u32,
    salt: [u8; 16],
    tag: [u8; 23],
}

/// The characters of a salt; the rest is the tag.
const SALT: usize = 22;
/// What bcrypt reads of a password, the NUL at its end included.
const READ: usize = 72;
/// Work of one of its 2^cost rounds, in KiB of argon2.
const ROUND: u32 = 160;

pub(super) fn read(stored: &str) -> Option<Hash> {
    let rest = ["$2a$", "$2b$", "$2y$"]
        .iter()
        .find_map(|version| stored.strip_prefix(version))?;
    let (cost, encoded) = rest.split_once('$')?;
    let cost = number(cost).filter(|_| cost.len() == 2)?;
    let is_whole = encoded.is_ascii() && encoded.len() == SALT + 31;
    if !is_whole || !(4..=31).contains(&cost) {
        return None;
    }
    let (salt, tag) = encoded.split_at(SALT);
    Some(Hash {
        cost,
        salt: decoded(salt)?.try_into().ok()?,
        tag: decoded(tag)?.try_into().ok()?,
    })
}

impl Hash {
    pub(super) fn fits(&self, typed: &str) -> bool {
        let mut key = typed.as_bytes().to_vec();
        // Whatever made the hash read up to the first NUL, or refused it.
        let has_nul = key.contains(&0);
        key.push(0);
        key.truncate(READ);
        let found = bcrypt::bcrypt(self.cost, self.salt, &key);
        let same: bool = found[..self.tag.len()].ct_eq(&self.tag).into();
        same && !has_nul
    }

    pub(super) fn cost(&self) -> u32 {
        ROUND.saturating_mul(1u32.checked_shl(self.cost).unwrap_or(u32::MAX))
    }
}

/// Its own order of the characters; the last bits of a salt or a tag may be anything.
fn decoded(text: &str) -> Option<Vec<u8>> {
    const BCRYPT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::BCRYPT,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::RequireNone)
            .with_decode_allow_trailing_bits(true),
    );
    BCRYPT.decode(text).ok()
}
