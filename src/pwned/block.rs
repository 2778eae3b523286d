//! Where a hash stands in a filter: in which block, and which of its bits.

use super::Hash;

/// Bytes of a block: a line of the processor's cache, and never across two pages of the disk.
pub(super) const LENGTH: usize = 64;
/// Bits of a block.
pub(super) const BITS: u32 = 512;
/// Bits that a hash can set: so many nine-bit numbers are left of it when the block is found.
pub(super) const MOST_PROBES: u32 = 10;

/// The place of one hash. SHA-1 is evenly spread, so its own bits say where; those that somebody
/// made collide are one password more that leaked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub block: u64,
    bits: u128,
    probes: u32,
}

impl Spot {
    pub fn of(hash: &Hash, blocks: u64, probes: u32) -> Self {
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        let mut rest = [0; 16];
        rest[..12].copy_from_slice(&hash[8..]);
        // The share of `blocks` that the number is of 2^64: even, without a division.
        let block = (u128::from(u64::from_be_bytes(first)) * u128::from(blocks)) >> 64;
        Self {
            block: block as u64,
            bits: u128::from_le_bytes(rest),
            probes,
        }
    }

    /// Whether all its bits are set.
    pub fn is_set(&self, block: &[u8]) -> bool {
        self.each().all(|(byte, bit)| block[byte] & bit != 0)
    }

    /// Sets them.
    pub fn set(&self, block: &mut [u8]) {
        for (byte, bit) in self.each() {
            block[byte] |= bit;
        }
    }

    fn each(&self) -> impl Iterator<Item = (usize, u8)> {
        let bits = self.bits;
        (0..self.probes).map(move |probe| {
            let bit = (bits >> (9 * probe)) as usize % BITS as usize;
            (bit / 8, 1 << (bit % 8))
        })
    }
}
