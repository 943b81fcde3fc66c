//! Whether a case fits into the machine's memory. Asked before it is tried.

use crate::text;
use chipmark_core::Cost;

/// What a case needs on the host: its inputs there, the same again on a device that shares the memory, its outputs, and the
/// copies of them that a check reads. Three times the working set covers them.
pub(crate) fn needed_bytes(cost: &Cost) -> u64 {
    cost.working_set_bytes.saturating_mul(3)
}

/// Why a case does not fit, if it does not. Where the free memory is not known, everything fits.
pub(crate) fn does_not_fit(cost: &Cost, free_bytes: Option<u64>) -> Option<String> {
    let needed = needed_bytes(cost);
    let free = free_bytes?;
    (needed > free).then(|| format!("needs about {}, {} are free: not tried", text::bytes(needed), text::bytes(free)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_larger_than_memory_is_named_with_both_numbers() {
        let cost = Cost { flop: 0, bytes: 0, working_set_bytes: 4_000_000_000 };
        assert_eq!(
            does_not_fit(&cost, Some(8_100_000_000)).as_deref(),
            Some("needs about 12.0 GB, 8.1 GB are free: not tried")
        );
        assert_eq!(does_not_fit(&cost, Some(12_000_000_000)), None);
        assert_eq!(does_not_fit(&cost, None), None);
    }
}
