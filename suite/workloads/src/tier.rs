//! How a case is made smaller. Each rule depends on the dimensions alone, so that equal dimensions stay equal and a case
//! keeps fitting together.

use chipmark_core::{Cost, Tier};

/// A dimension at tier `tiny`: up to 8 as it is, beyond that 5 + ⌊log₂⌋. Order is kept, and most different dimensions
/// stay different, so that a wrong axis shows in the shape too.
#[must_use]
pub fn tiny(dim: usize) -> usize {
    if dim <= 8 { dim } else { 5 + dim.ilog2() as usize }
}

/// Halves the largest of `dims` until `size(dims)` is at most `limit` or nothing is left to halve. Of equal dimensions
/// the first is halved.
pub fn shrink<D: AsMut<[usize]>>(mut dims: D, limit: u64, size: impl Fn(&D) -> u64) -> D {
    while size(&dims) > limit {
        let by_size = |(at, dim): &(usize, &mut usize)| (**dim, std::cmp::Reverse(*at));
        match dims.as_mut().iter_mut().enumerate().max_by_key(by_size) {
            Some((_, largest)) if *largest > 1 => *largest /= 2,
            _ => break,
        }
    }
    dims
}

/// The dimensions of a case whose every size may give way, at a tier. At `tiny`, each is brought to [`tiny`]; then the largest is
/// halved until `check`, the cost of all the calls that a check compares, keeps within the tier's arithmetic and memory.
pub fn fit<D: AsMut<[usize]>>(mut dims: D, tier: Tier, check: impl Fn(&D) -> Cost) -> D {
    let (flop, bytes) = match tier {
        Tier::Full => return dims,
        Tier::Small => (SMALL_FLOP, SMALL_BYTES),
        Tier::Tiny => {
            dims.as_mut().iter_mut().for_each(|dim| *dim = tiny(*dim));
            (TINY_FLOP, TINY_BYTES)
        }
    };
    shrink(dims, 1, |dims| {
        let cost = check(dims);
        cost.flop.div_ceil(flop).max(cost.working_set_bytes.div_ceil(bytes))
    })
}

/// The largest arithmetic of a check at tier `tiny`, in FLOP: the reference does it in a moment.
pub const TINY_FLOP: u64 = 16_000_000;

/// The largest working set of a case at tier `tiny`, in bytes.
pub const TINY_BYTES: u64 = 256 << 10;

/// The largest arithmetic of a case at tier `small`, in FLOP: milliseconds on two cores.
pub const SMALL_FLOP: u64 = 1 << 28;

/// The largest working set of a case at tier `small`, in bytes.
pub const SMALL_BYTES: u64 = 64 << 20;

/// The most elements of a case at tier `small` whose cost is its traffic.
pub const SMALL_ELEMENTS: u64 = 1 << 21;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiny_keeps_small_dimensions_and_the_order_of_large_ones() {
        assert_eq!([1, 3, 8, 9, 64, 128, 1000, 1_000_000].map(tiny), [1, 3, 8, 8, 11, 12, 14, 24]);
    }

    #[test]
    fn fit_keeps_within_both_limits_of_a_tier() {
        let cost = |&[rows, width]: &[usize; 2]| {
            let flop = (rows * width * width) as u64;
            Cost::streaming(flop, 4 * (rows * width) as u64, 4 * (width * width) as u64)
        };
        assert_eq!(fit([1 << 20, 1 << 10], Tier::Full, cost), [1 << 20, 1 << 10]);
        // 2^40 FLOP: 2^20 and 2^10 become 2^9 and 2^9, of 2^27 FLOP; the first halving of two equals is the first's.
        assert_eq!(fit([1 << 20, 1 << 10], Tier::Small, cost), [1 << 9, 1 << 9]);
        // Hardly any arithmetic: memory is what limits.
        let wide = |&[n]: &[usize; 1]| Cost::streaming(1, 8 * n as u64, 0);
        assert_eq!(fit([1 << 40], Tier::Small, wide), [1 << 23]);
        assert_eq!(fit([1 << 40], Tier::Tiny, wide), [45]);
    }

    #[test]
    fn shrink_halves_the_largest_until_it_fits() {
        let count = |d: &[usize; 2]| (d[0] * d[1]) as u64;
        assert_eq!(shrink([64, 1000], 10_000, count), [64, 125]);
        assert_eq!(shrink([4, 4], 8, count), [2, 4]);
        assert_eq!(shrink([1, 1], 0, count), [1, 1]);
    }
}
