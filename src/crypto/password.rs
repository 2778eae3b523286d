//! Passwords: argon2id in a bounded pool. Nothing here knows whose password it is.

mod cost;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use self::cost::{Dearest, calibrate, params, weaker};
use super::{cannot_go_on, secret::random};

/// How many sign-ins may wait for a core, and how long.
const QUEUE: usize = 50;
const PATIENCE: Duration = Duration::from_secs(1);

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
    /// Right, but hashed with less than we ask for now: hash it again.
    RightButWeak,
    Wrong,
}

/// All cores are hashing and the queue is full or too slow: come back later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many sign-ins at once")]
pub struct Busy;

/// Hashes and verifies, at most one per core at a time, each in memory that is used again.
#[derive(Debug)]
pub struct Passwords {
    params: Params,
    dearest: Arc<Dearest>,
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
    memory: Arc<Mutex<Vec<Vec<Block>>>>,
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

    /// The text, for a strength estimate.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl Passwords {
    /// A pool with one permit per core. Without `passes`, measures how many fit the aim.
    pub fn new(passes: Option<u32>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let params = params(passes.unwrap_or_else(calibrate));
        Self {
            dearest: Arc::new(Dearest::of(&params)),
            params,
            permits: Arc::new(Semaphore::new(cores)),
            waiting: AtomicUsize::new(0),
            memory: Arc::default(),
        }
    }

    /// The PHC string of a new hash.
    pub async fn hash(&self, password: &Password) -> Result<String, Busy> {
        let params = self.params.clone();
        let password = password.0.clone();
        self.work(move |memory| {
            let salt = random::<16>();
            let tag = tag(&params, password.expose_secret().as_bytes(), &salt, memory);
            encode(&params, &salt, &tag)
        })
        .await
    }

    /// Compares a typed password with a PHC string. Without one (nobody by that name, or nobody
    /// with a password), or with one that was made with less, it does the same work all the same.
    pub async fn verify(&self, typed: &str, stored: Option<&str>) -> Result<Verdict, Busy> {
        let current = self.params.clone();
        let dearest = Arc::clone(&self.dearest);
        let normal: SecretString = SecretString::from(typed.nfc().collect::<String>());
        let stored = stored.and_then(decode);
        // A password that could never have been set costs what any other costs.
        let possible = (1..=Password::MOST).contains(&normal.expose_secret().len());
        self.work(move |memory| {
            let known = stored.is_some() && possible;
            let (own, salt, expected) =
                stored.unwrap_or_else(|| (current.clone(), random::<16>().to_vec(), vec![0; 32]));
            let bytes = if possible {
                normal.expose_secret().as_bytes()
            } else {
                b"-"
            };
            let found = tag(&own, bytes, &salt, memory);
            if let Some(rest) = dearest.rest(&own) {
                tag(&rest, bytes, &salt, memory);
            }
            let same: bool = found.as_slice().ct_eq(&expected).into();
            match (known && same, weaker(&own, &current)) {
                (false, _) => Verdict::Wrong,
                (true, true) => Verdict::RightButWeak,
                (true, false) => Verdict::Right,
            }
        })
        .await
    }

    /// Does other work that costs as much as a hash, in the same queue.
    pub async fn on_a_core<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        self.work(|_| job()).await
    }

    /// Runs `job` on a thread of its own once a core is free.
    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let place = Place::take(&self.waiting)?;
        let permit = tokio::time::timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| Busy)?
            .map_err(|_| Busy)?;
        drop(place);
        let memory = Arc::clone(&self.memory);
        tokio::task::spawn_blocking(move || {
            let mut blocks = take(&memory);
            let result = job(&mut blocks);
            give_back(&memory, blocks);
            drop(permit);
            result
        })
        .await
        .map_err(|_| Busy)
    }
}

/// A place in the queue, given back when the wait ends in any way.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self, Busy> {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        let place = Self(waiting);
        if before < QUEUE { Ok(place) } else { Err(Busy) }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn take(memory: &Mutex<Vec<Vec<Block>>>) -> Vec<Block> {
    memory
        .lock()
        .ok()
        .and_then(|mut stash| stash.pop())
        .unwrap_or_default()
}

fn give_back(memory: &Mutex<Vec<Vec<Block>>>, blocks: Vec<Block>) {
    if let Ok(mut stash) = memory.lock() {
        stash.push(blocks);
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

fn encode(params: &Params, salt: &[u8], tag: &[u8]) -> String {
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).unwrap_or_default(),
        salt: Salt::new(salt).ok(),
        hash: Output::new(tag).ok(),
    };
    hash.to_string()
}

fn decode(phc: &str) -> Option<(Params, Vec<u8>, Vec<u8>)> {
    let hash = PasswordHash::new(phc).ok()?;
    if hash.algorithm != Algorithm::Argon2id.ident() {
        return None;
    }
    let params = Params::try_from(&hash).ok()?;
    let output = hash.hash?;
    (output.as_ref().len() == 32)
        .then(|| {
            (
                params,
                hash.salt.map(|salt| salt.as_ref().to_vec()),
                output.as_ref().to_vec(),
            )
        })
        .and_then(|(params, salt, output)| Some((params, salt?, output)))
}
