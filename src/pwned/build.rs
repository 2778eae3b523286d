//! Building a filter from a list of hashes. The list is read twice: once to see that it is sound
//! and how long it is, once to fill the filter, which is all that is held in memory.

mod list;

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{
    Hash,
    block::{self, BITS, MOST_PROBES, Spot},
    head::Head,
};
use crate::crypto::secret::random;

pub use self::list::{BadLine, BadLines, Why};

/// Bits of the filter for each hash of the list, unless the operator says otherwise.
pub const BITS_PER_ENTRY: u32 = 16;
/// How many hashes that are not in it are asked for, to measure how often it is wrong.
const ASKED: u32 = if cfg!(test) { 100_000 } else { 1_000_000 };

/// What was built.
#[derive(Clone, Copy, Debug)]
pub struct Built {
    /// Hashes in the list.
    pub entries: u64,
    /// Bytes of the file.
    pub size: u64,
    /// The share of passwords that never leaked and are refused all the same, as measured.
    pub false_positives: f64,
}

/// Why nothing was built. Nothing was written either.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    #[error("{} is not a file; it is read twice, so it cannot come through a pipe", _0.display())]
    NoFile(PathBuf),
    #[error("{}: {bad}", path.display())]
    BadLines { path: PathBuf, bad: BadLines },
    #[error("{} holds no hashes", _0.display())]
    Empty(PathBuf),
    #[error("{} changed while it was read", _0.display())]
    Changed(PathBuf),
    #[error(
        "a filter of {0} bytes does not fit into the memory of this machine; ask for fewer --bits"
    )]
    TooBig(u64),
    #[error("another doorward is building {}", _0.display())]
    Twice(PathBuf),
}

/// Builds a filter with `bits` for each hash of `list` (10 to 24 make sense), and puts it at
/// `output` once it is whole.
pub fn build(list: &Path, output: &Path, bits: u32) -> Result<Built, BuildError> {
    let named = |error| BuildError::Io {
        path: list.to_owned(),
        error,
    };
    // Asked before it is opened, because opening a pipe waits for who writes into it.
    if !fs::metadata(list).map_err(named)?.is_file() {
        return Err(BuildError::NoFile(list.to_owned()));
    }
    let open = || File::open(list).map_err(named);
    let mut entries = 0;
    let bad = list::read(open()?, |_| entries += 1).map_err(named)?;
    if let Some(bad) = bad {
        let path = list.to_owned();
        return Err(BuildError::BadLines { path, bad });
    }
    if entries == 0 {
        return Err(BuildError::Empty(list.to_owned()));
    }
    let head = Head {
        probes: probes(bits),
        blocks: blocks(entries, bits),
        entries,
    };
    let mut filter = Filled::empty(head)?;
    let mut again = 0;
    let bad = list::read(open()?, |hash| {
        again += 1;
        filter.add(&hash);
    });
    if bad.map_err(named)?.is_some() || again != entries {
        return Err(BuildError::Changed(list.to_owned()));
    }
    filter.write(output)?;
    Ok(Built {
        entries,
        size: head.file_length().unwrap_or_default(),
        false_positives: filter.false_positives(),
    })
}

/// As many bits as are best for a filter of this size: ln 2 for each bit that an entry has.
fn probes(bits: u32) -> u32 {
    let best = (f64::from(bits) * std::f64::consts::LN_2).round();
    (best as u32).clamp(1, MOST_PROBES)
}

fn blocks(entries: u64, bits: u32) -> u64 {
    let all = u128::from(entries) * u128::from(bits);
    u64::try_from(all.div_ceil(u128::from(BITS))).unwrap_or(u64::MAX)
}

/// A filter in memory.
struct Filled {
    head: Head,
    blocks: Vec<u8>,
}

impl Filled {
    fn empty(head: Head) -> Result<Self, BuildError> {
        let bytes = head.file_length().unwrap_or(u64::MAX);
        let length = usize::try_from(bytes).map_err(|_| BuildError::TooBig(bytes))?;
        let mut blocks = Vec::new();
        let length = length - super::head::LENGTH;
        let room = blocks.try_reserve_exact(length);
        room.map_err(|_| BuildError::TooBig(bytes))?;
        blocks.resize(length, 0);
        Ok(Self { head, blocks })
    }

    fn add(&mut self, hash: &Hash) {
        let spot = Spot::of(hash, self.head.blocks, self.head.probes);
        let at = spot.block as usize * block::LENGTH;
        spot.set(&mut self.blocks[at..at + block::LENGTH]);
    }

    fn contains(&self, hash: &Hash) -> bool {
        let spot = Spot::of(hash, self.head.blocks, self.head.probes);
        let at = spot.block as usize * block::LENGTH;
        spot.is_set(&self.blocks[at..at + block::LENGTH])
    }

    /// As measured with hashes of nothing.
    fn false_positives(&self) -> f64 {
        let wrong = (0..ASKED).filter(|_| self.contains(&random())).count();
        wrong as f64 / f64::from(ASKED)
    }

    /// Writes a file beside `output` and gives it that name once it is whole and on the disk.
    fn write(&self, output: &Path) -> Result<(), BuildError> {
        let mut part = output.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let named = |error| BuildError::Io {
            path: part.clone(),
            error,
        };
        let mut options = File::options();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(false)
            .open(&part)
            .map_err(named)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BuildError::Twice(output.to_owned())),
            Err(TryLockError::Error(error)) => return Err(named(error)),
        }
        // Who died here left something; nobody else writes to it now.
        let written = file
            .set_len(0)
            .and_then(|()| file.write_all(&self.head.write()))
            .and_then(|()| file.write_all(&self.blocks))
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&part, output));
        written.map_err(|error| {
            fs::remove_file(&part).ok();
            named(error)
        })
    }
}
