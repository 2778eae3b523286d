//! Passwords: argon2id in a bounded pool. Nothing here knows whose password it is.

mod cost;
pub mod foreign;
mod phc;
mod pool;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;

use self::{
    cost::{Dearest, calibrate, cost, expected, params, weaker},
    foreign::Foreign,
    phc::{Parts, decode, encode},
    pool::{Pool, Work},
};
use super::{cannot_go_on, secret::random};

pub use self::pool::{Busy, Place};

/// A password as it was typed, in NFC, of a length that we accept.
#[derive(Debug)]
pub struct Password(SecretString);

/// Why a password cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordLength {
    TooShort,
    TooLong,
}

/// What a verification found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Right,
    /// Right, but hashed with less than we ask for now, or by another system: hash it again.
    RightButWeak,
    Wrong,
}

/// What the pool has done since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Typed passwords that were compared with a hash, or with none, as costs the same.
    pub evaluated: u64,
    /// Askers who were told to come back later.
    pub refused: u64,
}

/// Hashes and verifies, at most one per core at a time, each in memory that is used again.
#[derive(Debug)]
pub struct Passwords {
    params: Params,
    dearest: Arc<Dearest>,
    pool: Pool,
    evaluated: Arc<AtomicU64>,
}

impl Password {
    /// Least and most length in bytes after NFC.
    pub const LEAST: usize = 8;
    pub const MOST: usize = 1024;

    /// Takes a password for a new hash: its length is checked before anything is hashed.
    pub fn new(typed: &str) -> Result<Self, PasswordLength> {
        let normal: String = typed.nfc().collect();
        match normal.len() {
            n if n < Self::LEAST => Err(PasswordLength::TooShort),
            n if n > Self::MOST => Err(PasswordLength::TooLong),
            _ => Ok(Self(SecretString::from(normal))),
        }
    }

    /// Takes a password that has just proven to be the right one, for a new hash of it: it may be shorter
    /// than what can be chosen here, where it was chosen elsewhere.
    pub fn proven(typed: &str) -> Self {
        Self(SecretString::from(typed.nfc().collect::<String>()))
    }

    /// The text, for a strength estimate.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl Passwords {
    /// A pool with one thread per core unless `threads` says otherwise. Without `passes`, measures
    /// how many fit the aim.
    pub fn new(passes: Option<u32>, threads: Option<usize>) -> Self {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let params = params(passes.unwrap_or_else(calibrate));
        Self {
            dearest: Arc::new(Dearest::of(&params)),
            params,
            pool: Pool::start(threads.unwrap_or_else(cores), expected()),
            evaluated: Arc::default(),
        }
    }

    /// A place in the queue for one verification, or at once the word that there is none. Whoever
    /// has it is served.
    pub fn admit(&self) -> Result<Place, Busy> {
        self.pool.admit(Work::Hash)
    }

    /// Whether somebody would get a place at this moment.
    pub fn look(&self) -> Result<(), Busy> {
        self.pool.look()
    }

    /// How many are hashed at once.
    pub fn threads(&self) -> usize {
        self.pool.threads()
    }

    /// What was done and what was not since the start.
    pub fn counts(&self) -> Counts {
        Counts {
            evaluated: self.evaluated.load(Ordering::Relaxed),
            refused: self.pool.refused(),
        }
    }

    /// The PHC string of a new hash.
    pub async fn hash(&self, password: &Password) -> Result<String, Busy> {
        let params = self.params.clone();
        let password = password.0.clone();
        let place = self.admit()?;
        let made = self.pool.run(place, move |memory| {
            let salt = random::<16>();
            let tag = tag(&params, password.expose_secret().as_bytes(), &salt, memory);
            encode(&params, &salt, &tag)
        });
        made.await
    }

    /// Compares a typed password with a stored hash. Without one (nobody by that name, or nobody
    /// with a password), or with one that was made with less, it does the same work all the same.
    pub async fn verify(&self, typed: &str, stored: Option<&str>) -> Result<Verdict, Busy> {
        self.verify_in(self.admit()?, typed, stored).await
    }

    /// The same for somebody who has a place already.
    pub async fn verify_in(
        &self,
        place: Place,
        typed: &str,
        stored: Option<&str>,
    ) -> Result<Verdict, Busy> {
        let evaluated = Arc::clone(&self.evaluated);
        let current = self.params.clone();
        let dearest = Arc::clone(&self.dearest);
        let normal: SecretString = SecretString::from(typed.nfc().collect::<String>());
        let typed = SecretString::from(typed);
        let stored = stored.and_then(Stored::read);
        // A password that could never have been set costs what any other costs.
        let possible = (1..=Password::MOST).contains(&normal.expose_secret().len());
        let compared = self.pool.run(place, move |memory| {
            evaluated.fetch_add(1, Ordering::Relaxed);
            let (normal, typed) = match possible {
                true => (normal.expose_secret(), typed.expose_secret()),
                false => ("-", "-"),
            };
            let (same, spent, weak) = match stored {
                Some(Stored::Foreign(hash)) => (hash.fits(typed, memory), hash.cost(), true),
                ours => {
                    let is_there = ours.is_some();
                    let (own, salt, expected) = match ours {
                        Some(Stored::Ours(parts)) => parts,
                        _ => (current.clone(), random::<16>().to_vec(), vec![0; 32]),
                    };
                    let found = tag(&own, normal.as_bytes(), &salt, memory);
                    let same: bool = found.as_slice().ct_eq(&expected).into();
                    (is_there && same, cost(&own), weaker(&own, &current))
                }
            };
            if let Some(rest) = dearest.rest(spent) {
                tag(&rest, normal.as_bytes(), &[0; 16], memory);
            }
            // A thread keeps no more for the next one than our own hashes take.
            memory.truncate(current.block_count());
            memory.shrink_to(current.block_count());
            match (possible && same, weak) {
                (false, _) => Verdict::Wrong,
                (true, true) => Verdict::RightButWeak,
                (true, false) => Verdict::Right,
            }
        });
        compared.await
    }

    /// Estimates how good a new password is: other work, in the same queue, because it keeps a core
    /// busy too.
    pub async fn estimate<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let place = self.pool.admit(Work::Estimate)?;
        self.pool.run(place, |_| job()).await
    }
}

/// What a row holds, taken apart.
enum Stored {
    Ours(Parts),
    Foreign(Foreign),
}

impl Stored {
    /// None for what nobody can sign in with.
    fn read(text: &str) -> Option<Self> {
        match decode(text) {
            Some(parts) => foreign::is_affordable(&parts.0).then_some(Self::Ours(parts)),
            None => Foreign::read(text).ok().map(Self::Foreign),
        }
    }
}

fn tag(params: &Params, password: &[u8], salt: &[u8], memory: &mut Vec<Block>) -> [u8; 32] {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    memory.resize(params.block_count(), Block::default());
    let mut out = [0u8; 32];
    // Lengths and parameters were checked, so there is no error to come; zeros would fit zeros.
    match argon2.hash_password_into_with_memory(password, salt, &mut out, memory) {
        Ok(()) => out,
        Err(_) => cannot_go_on("a password hash"),
    }
}
