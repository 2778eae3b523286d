//! Cost: what one hash costs on this machine, and that every verification costs the same.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use argon2::Params;

use super::tag;

/// Memory, in KiB: the floor of OWASP and of this project.
pub(super) const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over the memory: the floor.
const LEAST_PASSES: u32 = 2;
/// Passes at most, however fast the machine is.
const MOST_PASSES: u32 = 8;
/// Passes up to which a cheaper hash is made as dear as a dearer one: as many as the scrypt of Better
/// Auth takes (about ten and a half), so that nobody learns who came from there. Nobody waits for an
/// imported hash that costs more.
const MOST_EVENED: u32 = 11;
/// What one hash should cost on this machine.
const AIM: Duration = Duration::from_millis(50);
/// How often a pass is measured. Whatever else the machine does only makes one longer, so the
/// shortest is the one that every process on this machine finds.
const MEASURED: usize = 5;

/// The dearest hash that was met. Hashes cost what was asked for on the day they were made; if a
/// cheaper one were answered sooner, its answer would say that there is an account.
#[derive(Debug)]
pub(super) struct Dearest(AtomicU32);

impl Dearest {
    pub(super) fn of(params: &Params) -> Self {
        Self(AtomicU32::new(cost(params)))
    }

    /// What is left to do after work of `spent`, so that it has cost as much as the dearest.
    pub(super) fn rest(&self, spent: u32) -> Option<Params> {
        let most = spent.min(MEMORY_KIB * MOST_EVENED);
        let aim = self.0.fetch_max(most, Ordering::Relaxed);
        let passes = (aim.saturating_sub(spent) + MEMORY_KIB / 2) / MEMORY_KIB;
        (passes > 0).then(|| of_passes(passes))
    }
}

/// The parameters for new hashes.
pub(super) fn params(passes: u32) -> Params {
    of_passes(passes.clamp(LEAST_PASSES, MOST_PASSES))
}

/// What a hash takes, as long as none was measured.
pub(super) fn expected() -> Duration {
    AIM
}

/// Whether a hash with `params` was made with less than we ask for now.
pub(super) fn weaker(params: &Params, current: &Params) -> bool {
    params.m_cost() < current.m_cost() || params.t_cost() < current.t_cost()
}

/// How many passes fit the aim on this machine.
#[expect(
    clippy::disallowed_methods,
    reason = "measures this machine, not the time of day"
)]
pub(super) fn calibrate() -> u32 {
    let mut memory = Vec::new();
    let one = of_passes(1);
    tag(&one, b"warm the memory", &[0; 16], &mut memory);
    let passes = (0..MEASURED).map(|_| {
        let start = Instant::now();
        tag(&one, b"measure a pass.", &[0; 16], &mut memory);
        start.elapsed()
    });
    let pass = passes.min().unwrap_or(AIM).max(Duration::from_micros(1));
    u32::try_from(AIM.as_micros() / pass.as_micros()).unwrap_or(MOST_PASSES)
}

fn of_passes(passes: u32) -> Params {
    // Within the limits of argon2, so the default is never taken.
    Params::new(MEMORY_KIB, passes, 1, Some(32)).unwrap_or_default()
}

/// Time goes with memory times passes, in KiB.
pub(super) fn cost(params: &Params) -> u32 {
    params.m_cost().saturating_mul(params.t_cost())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The passes that are left to do.
    fn rest(dearest: &Dearest, params: &Params) -> u32 {
        dearest.rest(cost(params)).map_or(0, |rest| rest.t_cost())
    }

    #[test]
    fn what_is_cheaper_is_made_as_dear() {
        let dearest = Dearest::of(&params(4));
        for (passes, left) in [
            (4, 0),
            (2, 2),
            (3, 1),
            (6, 0),
            (4, 2),
            (2, 4),
            (8, 0),
            (2, 6),
        ] {
            assert_eq!(rest(&dearest, &of_passes(passes)), left, "{passes} passes");
        }
        // Half the memory for as many passes is half the work.
        let half = Params::new(MEMORY_KIB / 2, 8, 1, Some(32)).unwrap_or_default();
        assert_eq!(rest(&dearest, &half), 4);
    }

    #[test]
    fn an_imported_hash_does_not_make_everybody_wait() {
        let dearest = Dearest::of(&params(2));
        let import = Params::new(1024 * 1024, 4, 1, Some(32)).unwrap_or_default();
        assert_eq!(rest(&dearest, &import), 0);
        assert_eq!(rest(&dearest, &params(2)), MOST_EVENED - 2);
    }

    #[test]
    fn what_is_measured_is_within_the_bounds() {
        let found = params(calibrate());
        assert!((LEAST_PASSES..=MOST_PASSES).contains(&found.t_cost()));
    }
}
