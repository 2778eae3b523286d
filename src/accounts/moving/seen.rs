//! Seen: what an earlier row of the same import has, as fingerprints: a million rows fit, and a run that
//! writes nothing finds the same doubles as one that does.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

#[derive(Debug, Default)]
pub(super) struct Seen {
    keys: (RandomState, RandomState),
    prints: HashSet<(u64, u64)>,
}

impl Seen {
    /// Whether nothing of this kind was called so before.
    pub(super) fn is_first(&mut self, kind: &str, name: &str) -> bool {
        let (one, other) = &self.keys;
        let named = (kind, name);
        self.prints
            .insert((one.hash_one(named), other.hash_one(named)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_of_a_kind_is_not_the_first() {
        let mut seen = Seen::default();
        assert!(seen.is_first("sub", "ada"));
        assert!(seen.is_first("email", "ada"));
        assert!(!seen.is_first("sub", "ada"));
        assert!(seen.is_first("sub", "bob"));
    }
}
