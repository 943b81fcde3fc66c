//! How a case is made smaller. Each rule depends on the dimensions alone, so that equal dimensions stay equal and a case
//! keeps fitting together.

/// A dimension at tier `tiny`: up to 8 as it is, beyond that 5 + ⌊log₂⌋. Order is kept, and most different dimensions
/// stay different, so that a wrong axis shows in the shape too.
#[must_use]
pub fn tiny(dim: usize) -> usize {
    if dim <= 8 { dim } else { 5 + dim.ilog2() as usize }
}

/// Halves the largest of `dims` until `size(dims)` is at most `limit` or nothing is left to halve. Of equal dimensions
/// the first is halved.
pub fn shrink<const N: usize>(dims: [usize; N], limit: u64, size: impl Fn(&[usize; N]) -> u64) -> [usize; N] {
    let mut dims = dims;
    while size(&dims) > limit {
        let Some((at, &largest)) = dims.iter().enumerate().max_by_key(|&(i, &dim)| (dim, std::cmp::Reverse(i))) else {
            break;
        };
        if largest <= 1 {
            break;
        }
        dims[at] = largest / 2;
    }
    dims
}

/// The largest arithmetic of a case at tier `small`, in FLOP: milliseconds on two cores.
pub const SMALL_FLOP: u64 = 1 << 28;

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
    fn shrink_halves_the_largest_until_it_fits() {
        let count = |d: &[usize; 2]| (d[0] * d[1]) as u64;
        assert_eq!(shrink([64, 1000], 10_000, count), [64, 125]);
        assert_eq!(shrink([4, 4], 8, count), [2, 4]);
        assert_eq!(shrink([1, 1], 0, count), [1, 1]);
    }
}
