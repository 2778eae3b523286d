//! scrypt (RFC 7914): as Better Auth keeps it, and as a PHC string.

use scrypt::{Params, scrypt};
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;

use super::{base64, parameter, sound};

pub(in crate::crypto::password) struct Hash {
    params: Params,
    salt: Vec<u8>,
    tag: Vec<u8>,
    of_better_auth: bool,
}

/// How Better Auth's is kept here: its salt is text, namely the 32 hexadecimal digits as they stand
/// there, and its password is in NFKC.
const TAG: &str = "$ba-scrypt$";
/// The parameters that Better Auth has always used; it writes none into the hash.
const ITS_PARAMETERS: &str = "ln=14,r=16,p=1";
/// Work for each KiB of its memory, in KiB of argon2.
const WORK: u32 = 6;

/// The largest product of `r` and `p`: 128 KiB for PBKDF2.
const MOST_BLOCKS: u64 = 1024;

/// Better Auth's `salt:key`, with the parameters that it leaves out.
pub(super) fn of_better_auth(text: &str) -> Option<String> {
    let (salt, key) = text.split_once(':')?;
    let hex = |text: &str, length| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    (hex(salt, 32) && hex(key, 128)).then(|| format!("{TAG}{ITS_PARAMETERS}${salt}${key}"))
}

pub(super) fn read(stored: &str) -> Option<Hash> {
    let (of_better_auth, rest) = match stored.strip_prefix(TAG) {
        Some(rest) => (true, rest),
        None => (false, stored.strip_prefix("$scrypt$")?),
    };
    let parts: Vec<&str> = rest.split('$').collect();
    let [parameters, salt, tag] = parts.as_slice() else {
        return None;
    };
    let (salt, tag) = match of_better_auth {
        true => (salt.as_bytes().to_vec(), unhex(tag)?),
        false => (base64(salt)?, base64(tag)?),
    };
    let (salt, tag) = sound(salt, tag)?;
    let value = |name| parameter(parameters, name);
    let log_n = value("ln").and_then(|n| u8::try_from(n).ok());
    let (log_n, r, p) = (log_n?, value("r")?, value("p")?);
    // Far more than anybody may ask for; what is within it does not overflow below.
    let countable = (1..=24).contains(&log_n) && (1..=1024).contains(&r) && (1..=1024).contains(&p);
    let params = Params::new(log_n, r, p).ok().filter(|_| countable)?;
    Some(Hash {
        params,
        salt,
        tag,
        of_better_auth,
    })
}

impl Hash {
    pub(super) fn fits(&self, typed: &str) -> bool {
        let password = match self.of_better_auth {
            true => typed.nfkc().collect(),
            false => typed.to_owned(),
        };
        let mut found = vec![0; self.tag.len()];
        let done = scrypt(password.as_bytes(), &self.salt, &self.params, &mut found);
        done.is_ok() && found.ct_eq(&self.tag).into()
    }

    pub(super) fn cost(&self) -> u32 {
        let (r, p) = (u64::from(self.params.r()), u64::from(self.params.p()));
        // Before and after, PBKDF2 goes over 128 * r * p bytes, which nobody needs to be many.
        if r * p > MOST_BLOCKS {
            return u32::MAX;
        }
        let work = self.kib() * p * u64::from(WORK);
        u32::try_from(work).unwrap_or(u32::MAX)
    }

    pub(super) fn memory_kib(&self) -> u32 {
        u32::try_from(self.kib()).unwrap_or(u32::MAX)
    }

    pub(super) fn is_of_better_auth(&self) -> bool {
        self.of_better_auth
    }

    fn kib(&self) -> u64 {
        self.params.n() * u64::from(self.params.r()) / 8
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    });
    pairs.collect()
}
