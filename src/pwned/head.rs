//! The head of a filter file: what it is, and how to look into it. One block long, so that no
//! block of the filter lies across two pages of the disk.

use super::block;

/// Bytes of the head.
pub(super) const LENGTH: usize = 64;

const MAGIC: &[u8; 16] = b"doorward pwned\r\n";
const VERSION: u32 = 1;
/// Where the sum begins; it is of everything before.
const SUM: usize = 40;

/// The numbers of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Bits that a hash sets.
    pub probes: u32,
    pub blocks: u64,
    pub entries: u64,
}

/// What is wrong with a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    Magic,
    Version,
    Sum,
}

impl Head {
    pub fn read(bytes: &[u8; LENGTH]) -> Result<Self, Wrong> {
        if bytes[..16] != *MAGIC {
            return Err(Wrong::Magic);
        }
        if bytes[SUM..] != sum(&bytes[..SUM]) {
            return Err(Wrong::Sum);
        }
        if number::<4>(bytes, 16) != u64::from(VERSION) {
            return Err(Wrong::Version);
        }
        let probes = u32::try_from(number::<4>(bytes, 20)).map_err(|_| Wrong::Sum)?;
        let head = Self {
            probes,
            blocks: number::<8>(bytes, 24),
            entries: number::<8>(bytes, 32),
        };
        let sound = (1..=block::MOST_PROBES).contains(&probes) && head.blocks > 0;
        sound.then_some(head).ok_or(Wrong::Sum)
    }

    pub fn write(&self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        bytes[..16].copy_from_slice(MAGIC);
        bytes[16..20].copy_from_slice(&VERSION.to_le_bytes());
        bytes[20..24].copy_from_slice(&self.probes.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.blocks.to_le_bytes());
        bytes[32..SUM].copy_from_slice(&self.entries.to_le_bytes());
        let sum = sum(&bytes[..SUM]);
        bytes[SUM..].copy_from_slice(&sum);
        bytes
    }

    /// How long its file is; none if no file could be.
    pub fn file_length(&self) -> Option<u64> {
        let blocks = self.blocks.checked_mul(block::LENGTH as u64)?;
        blocks.checked_add(LENGTH as u64)
    }
}

/// The first bytes of a SHA-256.
fn sum(bytes: &[u8]) -> [u8; LENGTH - SUM] {
    let whole = crate::crypto::sha256(bytes);
    let mut sum = [0; LENGTH - SUM];
    sum.copy_from_slice(&whole[..LENGTH - SUM]);
    sum
}

/// A number of `N` bytes, the least first.
fn number<const N: usize>(bytes: &[u8; LENGTH], at: usize) -> u64 {
    let mut wide = [0; 8];
    wide[..N].copy_from_slice(&bytes[at..at + N]);
    u64::from_le_bytes(wide)
}
