//! The sets of inputs that calls take turns on: one where the inputs are warm, and where they are cold so many that each set has
//! left the cache by the time it is used again.

use chipmark_core::{Mode, OpError, OpResult};
use chipmark_workloads::Workload;
use serde::{Deserialize, Serialize};

/// All sets together are so many times the cache: one that evicts the least recently used would have lost a set after one
/// cache's worth of others, and real ones evict less evenly.
const CACHES: u64 = 4;

/// The most sets. Frameworks keep some hundred bytes and, for a GPU, a buffer object of each tensor; and uploading more
/// would take seconds.
const MOST_SETS: u64 = 1 << 16;

/// What cold inputs are made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cold {
    /// The device's last-level cache, in bytes.
    pub cache_bytes: u64,
    /// The most that all sets may hold together, in bytes. One set is held in any case.
    pub sets_bytes: u64,
}

impl Cold {
    /// How many sets of so many bytes, and whether they are as many as it takes. It counts by the inputs alone: the outputs of
    /// call after call may lie at the same place, where they push nothing more out of the cache.
    #[must_use]
    pub fn sets(&self, input_bytes: u64) -> (u32, bool) {
        let input_bytes = input_bytes.max(1);
        let wanted = self.cache_bytes.saturating_mul(CACHES).div_ceil(input_bytes).max(1);
        let sets = wanted.min(self.sets_bytes / input_bytes).clamp(1, MOST_SETS);
        (u32::try_from(sets).unwrap_or(u32::MAX), sets == wanted)
    }

    /// Refuses what has no cold inputs.
    ///
    /// # Errors
    /// [`OpError::Unsupported`], with the reason.
    pub fn suits<W: Workload>(workload: &W, mode: Mode) -> OpResult<()> {
        let why = match mode {
            Mode::FirstCall => {
                "a first call is made once, right after its inputs are: it has neither warm nor cold ones"
            }
            Mode::Transfer => "in mode transfer the inputs are uploaded for every call: there are no cold ones",
            Mode::Latency | Mode::Throughput if !workload.resident() => {
                "the inputs are uploaded for every call: there are no cold ones"
            }
            Mode::Latency | Mode::Throughput if workload.carried() > 0 => {
                "a call's inputs are what the call before wrote, in training and here alike: there are no cold ones"
            }
            Mode::Latency | Mode::Throughput => return Ok(()),
        };
        Err(OpError::unsupported(W::ID, why))
    }
}

/// Sets of inputs, and whose turn it is.
#[derive(Debug)]
pub(crate) struct Sets<T> {
    sets: Vec<Vec<T>>,
    turn: usize,
}

impl<T> Default for Sets<T> {
    fn default() -> Self {
        Sets { sets: Vec::new(), turn: 0 }
    }
}

impl<T> Sets<T> {
    /// Adds a set behind all others.
    pub(crate) fn push(&mut self, set: Vec<T>) {
        self.sets.push(set);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.sets.len()
    }

    /// The set whose turn it is.
    #[inline]
    pub(crate) fn current(&self) -> &[T] {
        self.sets.get(self.turn).map_or(&[], Vec::as_slice)
    }

    /// The same, to be changed.
    #[inline]
    pub(crate) fn current_mut(&mut self) -> &mut [T] {
        self.sets.get_mut(self.turn).map_or(&mut [], Vec::as_mut_slice)
    }

    /// The next set's turn.
    #[inline]
    pub(crate) fn advance(&mut self) {
        self.turn += 1;
        if self.turn >= self.sets.len() {
            self.turn = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn all_sets_together_are_four_times_the_cache() {
        let cold = Cold { cache_bytes: 32 * MIB, sets_bytes: 1 << 40 };
        assert_eq!(cold.sets(MIB), (128, true));
        assert_eq!(cold.sets(3 * MIB), (43, true));
        assert_eq!(cold.sets(127 * MIB), (2, true));
        assert_eq!(cold.sets(128 * MIB), (1, true), "what is four times the cache pushes itself out");
        assert_eq!(Cold { cache_bytes: u64::MAX, ..cold }.sets(1 << 60), (1, false));
    }

    #[test]
    fn what_does_not_fit_is_left_out_and_said() {
        let cold = Cold { cache_bytes: 32 * MIB, sets_bytes: 64 * MIB };
        assert_eq!(cold.sets(MIB), (64, false));
        assert_eq!(cold.sets(50 * MIB), (1, false));
        assert_eq!(cold.sets(65 * MIB), (1, false), "one is held in any case");
        assert_eq!(cold.sets(128 * MIB), (1, true));
        assert_eq!(cold.sets(4), (1 << 16, false), "and never more than can be made");
        assert_eq!(cold.sets(0), (1 << 16, false));
    }

    #[test]
    fn the_sets_take_turns() {
        let mut sets = Sets::default();
        sets.push(vec!['a']);
        sets.push(vec!['b']);
        sets.push(vec!['c']);
        let mut seen = String::new();
        for _ in 0..7 {
            seen.extend(sets.current());
            sets.advance();
        }
        assert_eq!((seen.as_str(), sets.len()), ("abcabca", 3));
        sets.current_mut()[0] = 'x';
        assert_eq!(sets.current(), ['x']);
    }
}
