//! The passwords that leaked somewhere, as a filter in a file that an operator builds. Knows
//! SHA-1 hashes, never a password, and asks nobody.
//!
//! A blocked Bloom filter: a hash sets a few bits of one block of 64 bytes, so that one read tells
//! whether it is there. "Not there" is certain; "there" is wrong at the rate that the builder
//! reports. Nothing of it is kept in memory. Why this and no other: `docs/adr/0011-breached-passwords.md`.

pub mod build;

mod block;
mod head;

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use self::{block::Spot, head::Head};

/// A SHA-1 hash.
pub type Hash = [u8; 20];

/// A filter that was opened.
#[derive(Debug)]
pub struct Filter {
    file: File,
    head: Head,
}

/// Why a file is not taken for a filter. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    #[error("passwords.breached_file: {}: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error(
        "passwords.breached_file: {} is not a filter of ours; make one with: doorward pwned build LIST",
        _0.display()
    )]
    Foreign(PathBuf),
    #[error(
        "passwords.breached_file: {} is a filter for another version of Doorward; build it anew",
        _0.display()
    )]
    Version(PathBuf),
    #[error("passwords.breached_file: {} is damaged; build it anew", _0.display())]
    Damaged(PathBuf),
}

impl Filter {
    /// Opens a filter. Its head and its length must be right; its blocks are not read.
    pub fn open(path: &Path) -> Result<Self, FilterError> {
        let unreadable = |error| FilterError::Unreadable {
            path: path.to_owned(),
            error,
        };
        let file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if !metadata.is_file() {
            return Err(FilterError::Foreign(path.to_owned()));
        }
        let mut bytes = [0; head::LENGTH];
        match read_at(&file, &mut bytes, 0) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(FilterError::Foreign(path.to_owned()));
            }
            read => read.map_err(unreadable)?,
        }
        let head = Head::read(&bytes).map_err(|wrong| match wrong {
            head::Wrong::Magic => FilterError::Foreign(path.to_owned()),
            head::Wrong::Version => FilterError::Version(path.to_owned()),
            head::Wrong::Sum => FilterError::Damaged(path.to_owned()),
        })?;
        match head.file_length() == Some(metadata.len()) {
            true => Ok(Self { file, head }),
            false => Err(FilterError::Damaged(path.to_owned())),
        }
    }

    /// How many hashes it was built from.
    pub fn entries(&self) -> u64 {
        self.head.entries
    }

    /// Whether a hash is among them. Reads one block from the file: not for an async thread.
    pub fn contains(&self, hash: &Hash) -> io::Result<bool> {
        let spot = Spot::of(hash, self.head.blocks, self.head.probes);
        let mut block = [0; block::LENGTH];
        let at = head::LENGTH as u64 + spot.block * block::LENGTH as u64;
        read_at(&self.file, &mut block, at)?;
        Ok(spot.is_set(&block))
    }
}

/// Reads at a place of a file that several threads read at once.
#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

/// Where files have no such call, one cursor would be everybody's: the file is opened anew.
#[cfg(not(unix))]
fn read_at(_: &File, _: &mut [u8], _: u64) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

#[cfg(test)]
mod tests;
