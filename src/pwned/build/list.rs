//! The list of hashes, a line each: SHA-1 in hexadecimal digits, perhaps a colon and how often it
//! was seen. In any order; read in pieces, because it may be of many gigabytes.

use std::{
    fmt,
    io::{self, BufRead, BufReader, Read},
};

use crate::pwned::Hash;

/// So much is read at a time.
const PIECE: usize = 1 << 20;
/// No line is longer; what follows in it is passed over unread.
const LONGEST: usize = 128;
/// Bad lines that are told of.
const TOLD: usize = 5;
/// After so many bad lines it is another file that was meant.
const ENOUGH: u64 = 1000;

/// Why a line is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    NotHex,
    /// It has so many characters before the colon.
    Length(usize),
    Ntlm,
    Sha256,
    Count,
    TooLong,
}

/// A line that is not one of a list. Its text is not told: it may be somebody's password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLine {
    pub number: u64,
    pub why: Why,
}

/// All of them, the first by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLines {
    pub first: Vec<BadLine>,
    pub all: u64,
}

/// Gives each hash to `take`. Answers the bad lines, if there were any.
pub(super) fn read(list: impl Read, mut take: impl FnMut(Hash)) -> io::Result<Option<BadLines>> {
    let mut list = BufReader::with_capacity(PIECE, list);
    let mut line = Vec::with_capacity(LONGEST + 1);
    let mut bad = BadLines {
        first: Vec::new(),
        all: 0,
    };
    let mut number = 0;
    while bad.all < ENOUGH {
        line.clear();
        number += 1;
        let longest = LONGEST as u64 + 1;
        if (&mut list).take(longest).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let is_cut = line.len() > LONGEST && !line.ends_with(b"\n");
        let found = match is_cut {
            true => {
                list.skip_until(b'\n')?;
                Err(Why::TooLong)
            }
            false => hash(line.trim_ascii_end()),
        };
        match found {
            Ok(Some(hash)) => take(hash),
            Ok(None) => {}
            Err(why) => {
                bad.all += 1;
                if bad.first.len() < TOLD {
                    bad.first.push(BadLine { number, why });
                }
            }
        }
    }
    Ok((bad.all > 0).then_some(bad))
}

/// The hash of a line; an empty line has none.
fn hash(line: &[u8]) -> Result<Option<Hash>, Why> {
    if line.is_empty() {
        return Ok(None);
    }
    let mut parts = line.splitn(2, |byte| *byte == b':');
    let (hex, count) = (parts.next().unwrap_or_default(), parts.next());
    if !hex.iter().all(u8::is_ascii_hexdigit) {
        return Err(Why::NotHex);
    }
    match hex.len() {
        40 => {}
        32 => return Err(Why::Ntlm),
        64 => return Err(Why::Sha256),
        length => return Err(Why::Length(length)),
    }
    if count.is_some_and(|count| count.is_empty() || !count.iter().all(u8::is_ascii_digit)) {
        return Err(Why::Count);
    }
    let mut hash = Hash::default();
    for (byte, two) in hash.iter_mut().zip(hex.chunks_exact(2)) {
        *byte = nibble(two[0]) << 4 | nibble(two[1]);
    }
    Ok(Some(hash))
}

/// The value of a digit; that it is one was seen.
fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHex => f.write_str("is not written in hexadecimal digits"),
            Self::Length(length) => write!(f, "has {length} digits, a SHA-1 hash has 40"),
            Self::Ntlm => f.write_str(
                "has 32 digits, as an NTLM hash; the list must be of SHA-1 hashes, which have 40",
            ),
            Self::Sha256 => f.write_str(
                "has 64 digits, as a SHA-256 hash; the list must be of SHA-1 hashes, which have 40",
            ),
            Self::Count => f.write_str("has something else than a number after its colon"),
            Self::TooLong => f.write_str("is longer than any line of such a list"),
        }
    }
}

/// In one line.
impl fmt::Display for BadLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = self
            .first
            .iter()
            .map(|bad| format!("line {} {}", bad.number, bad.why));
        f.write_str(&told.collect::<Vec<_>>().join("; "))?;
        match self.all - self.first.len() as u64 {
            0 => {}
            _ if self.all >= ENOUGH => write!(f, "; and so on, so that the rest was not read")?,
            1 => f.write_str("; and one more line is wrong")?,
            more => write!(f, "; and {more} more lines are wrong")?,
        }
        f.write_str(". Nothing was written")
    }
}
