//! Foreign: hashes that people bring along from other systems. They are kept as they are until their
//! owner signs in, who then gets one of ours.

mod of_argon2;
mod of_bcrypt;
mod of_pbkdf2;
mod of_scrypt;

use std::fmt;

use argon2::{Block, Params};
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::{
    cost::{MEMORY_KIB, cost},
    phc,
};

/// What a hash was made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// As we make them ourselves; perhaps with other parameters.
    Argon2id,
    /// Argon2 in another variant, version or length.
    Argon2,
    BetterAuth,
    Bcrypt,
    Pbkdf2,
    Scrypt,
}

/// A hash as it is kept, and what it was made by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub stored: String,
    pub kind: Kind,
}

/// Why a hash cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("no hash of a kind that can be verified here")]
    Unknown,
    #[error(
        "a hash that asks for more work than {MOST_PASSES} passes over 19 MiB, or more than {} MiB",
        MOST_KIB / 1024
    )]
    Costly,
}

/// A hash that is not ours, taken apart.
pub(super) enum Foreign {
    Argon2(of_argon2::Hash),
    Bcrypt(of_bcrypt::Hash),
    Pbkdf2(of_pbkdf2::Hash),
    Scrypt(of_scrypt::Hash),
}

/// What one verification may cost at most: about a second. Otherwise whoever writes the rows of an
/// import decides how long our threads are busy with one sign-in.
const MOST_PASSES: u32 = 140;
/// And how much memory it may take.
const MOST_KIB: u32 = 128 * 1024;
/// A tag that is shorter than this many bytes is met by chance.
const LEAST_TAG: usize = 16;
const MOST_TAG: usize = 64;
const MOST_SALT: usize = 128;

/// Takes a hash as another system, or an export of ours, writes it.
pub fn take(text: &str) -> Result<Taken, Unfit> {
    let text = text.trim();
    let taken = |stored: &str, kind| Taken {
        stored: stored.to_owned(),
        kind,
    };
    if let Some((params, ..)) = phc::decode(text) {
        return match is_affordable(&params) {
            true => Ok(taken(text, Kind::Argon2id)),
            false => Err(Unfit::Costly),
        };
    }
    if let Some(tagged) = of_scrypt::of_better_auth(text) {
        return Foreign::read(&tagged).map(|_| taken(&tagged, Kind::BetterAuth));
    }
    // Django names its own hasher in front of what others write without it.
    let bare = ["argon2$", "bcrypt$"]
        .iter()
        .find_map(|name| text.strip_prefix(name));
    let bare = match bare {
        Some(rest) if rest.starts_with('$') => rest.to_owned(),
        Some(rest) => format!("${rest}"),
        None => text.to_owned(),
    };
    if phc::decode(&bare).is_some() {
        return take(&bare);
    }
    Foreign::read(&bare).map(|hash| taken(&bare, hash.kind()))
}

impl Foreign {
    /// Takes a stored hash apart, within the same bounds as when it was taken.
    pub(super) fn read(stored: &str) -> Result<Self, Unfit> {
        let hash = of_scrypt::read(stored)
            .map(Self::Scrypt)
            .or_else(|| of_bcrypt::read(stored).map(Self::Bcrypt))
            .or_else(|| of_pbkdf2::read(stored).map(Self::Pbkdf2))
            .or_else(|| of_argon2::read(stored).map(Self::Argon2))
            .ok_or(Unfit::Unknown)?;
        affordable(hash.cost(), hash.memory_kib())?;
        Ok(hash)
    }

    /// Whether this is the password, in a time that does not tell where it differs.
    pub(super) fn fits(&self, typed: &str, memory: &mut Vec<Block>) -> bool {
        match self {
            Self::Argon2(hash) => hash.fits(typed, memory),
            Self::Bcrypt(hash) => hash.fits(typed),
            Self::Pbkdf2(hash) => hash.fits(typed),
            Self::Scrypt(hash) => {
                // It brings its own memory: both at once would be more than was reckoned with.
                *memory = Vec::new();
                hash.fits(typed)
            }
        }
    }

    /// What a verification takes, in KiB that argon2 goes over in the same time; about, because
    /// machines differ.
    pub(super) fn cost(&self) -> u32 {
        match self {
            Self::Argon2(hash) => hash.cost(),
            Self::Bcrypt(hash) => hash.cost(),
            Self::Pbkdf2(hash) => hash.cost(),
            Self::Scrypt(hash) => hash.cost(),
        }
    }

    fn memory_kib(&self) -> u32 {
        match self {
            Self::Argon2(hash) => hash.memory_kib(),
            Self::Scrypt(hash) => hash.memory_kib(),
            Self::Bcrypt(_) | Self::Pbkdf2(_) => 0,
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Argon2(_) => Kind::Argon2,
            Self::Bcrypt(_) => Kind::Bcrypt,
            Self::Pbkdf2(_) => Kind::Pbkdf2,
            Self::Scrypt(hash) if hash.is_of_better_auth() => Kind::BetterAuth,
            Self::Scrypt(_) => Kind::Scrypt,
        }
    }
}

impl Kind {
    /// Its name in a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Argon2id => "argon2id",
            Self::Argon2 => "argon2",
            Self::BetterAuth => "better-auth scrypt",
            Self::Bcrypt => "bcrypt",
            Self::Pbkdf2 => "pbkdf2",
            Self::Scrypt => "scrypt",
        }
    }
}

impl fmt::Debug for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Foreign({})", self.kind().name())
    }
}

/// Whether a hash with these parameters is within the bounds, as every one of ours is.
pub(super) fn is_affordable(params: &Params) -> bool {
    affordable(cost(params), params.m_cost()).is_ok()
}

fn affordable(cost: u32, memory_kib: u32) -> Result<(), Unfit> {
    match cost <= MOST_PASSES * MEMORY_KIB && memory_kib <= MOST_KIB {
        true => Ok(()),
        false => Err(Unfit::Costly),
    }
}

/// The value of `name=…` in a list of parameters, if it is a number without a sign.
fn parameter(list: &str, name: &str) -> Option<u32> {
    let mut values = list.split(',').filter_map(|one| one.split_once('='));
    let (_, value) = values.find(|(own, _)| *own == name)?;
    number(value)
}

fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// Base64 with or without padding; some write `.` for `+`.
fn base64(text: &str) -> Option<Vec<u8>> {
    const EITHER: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    EITHER.decode(text.replace('.', "+")).ok()
}

/// Salt and tag, if they are of a length that makes sense.
fn sound(salt: Vec<u8>, tag: Vec<u8>) -> Option<(Vec<u8>, Vec<u8>)> {
    let sound =
        (1..=MOST_SALT).contains(&salt.len()) && (LEAST_TAG..=MOST_TAG).contains(&tag.len());
    sound.then_some((salt, tag))
}

#[cfg(test)]
mod tests;
