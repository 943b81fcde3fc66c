//! Whether a case fits into the machine's memory. Asked before it is tried.

use chipmark_core::{Cost, Inputs};
use chipmark_reports::units::bytes;
use chipmark_results::machine::Machine;
use chipmark_worker::Cold;

/// The cache that cold inputs are to leave where the system tells none, and at least: Apple's system-level cache and those of
/// graphics cards are not told. This is
/// more than any of them has that we know of.
const CACHE_BYTES: u64 = 128 << 20;
/// The most that sets of cold inputs hold together: four caches of 256 MiB.
const SETS_BYTES: u64 = 1 << 30;

/// How cold inputs are made on a machine; nothing where they are to be warm.
pub(crate) fn cold(inputs: Inputs, machine: &Machine) -> Option<Cold> {
    let cache_bytes = machine.last_level_cache_bytes.unwrap_or(0).max(CACHE_BYTES);
    (inputs == Inputs::Cold).then_some(Cold { cache_bytes, sets_bytes: SETS_BYTES })
}

/// What a case needs on the host: its inputs there, the same again on a device that shares the memory, its outputs, and the
/// copies of them that a check reads. Three times the working set covers them.
pub(crate) fn needed_bytes(cost: &Cost) -> u64 {
    cost.working_set_bytes.saturating_mul(3)
}

/// Why a case does not fit, if it does not. Where the free memory is not known, everything fits.
pub(crate) fn does_not_fit(cost: &Cost, free_bytes: Option<u64>) -> Option<String> {
    let needed = needed_bytes(cost);
    let free = free_bytes?;
    (needed > free).then(|| format!("needs about {}, {} are free: not tried", bytes(needed), bytes(free)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_larger_than_memory_is_named_with_both_numbers() {
        let cost = Cost { flop: 0, bytes: 0, working_set_bytes: 4_000_000_000 };
        assert_eq!(
            does_not_fit(&cost, Some(8_100_000_000)).as_deref(),
            Some("needs about 11.2 GiB, 7.54 GiB are free: not tried")
        );
        assert_eq!(does_not_fit(&cost, Some(12_000_000_000)), None);
        assert_eq!(does_not_fit(&cost, None), None);
    }
}
