//! Between which of its values in order a sample's median is known to lie: an interval that asks nothing of their distribution.

/// How likely the interval is to hold the median of what independent values were drawn from.
const CONFIDENCE: f64 = 0.95;

/// How many of n values in order lie outside the interval of their median at each end. The interval that is left holds the
/// median unless at most so many values lie on one side of it, of n that lie on either with probability ½: whatever the
/// values' distribution, a matter of the binomial one (David and Nagaraja, Order Statistics, 3rd ed., 2003, section 7.1).
/// `None` where not even all values are enough.
#[must_use]
pub fn outside(n: usize) -> Option<usize> {
    // C(n, k) up to the middle, as shares of the one in the middle: 2ⁿ would leave f64 at n = 1024.
    let mut shares = vec![1.0];
    for k in (1..=n / 2).rev() {
        let share = shares.last().copied().unwrap_or(0.0) * k as f64 / (n - k + 1) as f64;
        shares.push(share);
    }
    let half: f64 = shares.iter().sum();
    let all = if n.is_multiple_of(2) { 2.0 * half - 1.0 } else { 2.0 * half };
    let allowed = all * (1.0 - CONFIDENCE) / 2.0;
    let mut tail = 0.0;
    let within = shares.iter().rev().take_while(|&&share| {
        tail += share;
        tail <= allowed
    });
    within.count().checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranks_are_those_of_the_tables() {
        // Counted from one, the interval of 6 values is from rank 1 to 6, of 10 from 2 to 9, of 15 from 4 to 12, of 20 from
        // 6 to 15, of 100 from 40 to 61.
        let ranks = [5, 6, 8, 9, 10, 15, 20, 100].map(|n| outside(n).map(|outside| outside + 1));
        assert_eq!(ranks, [None, Some(1), Some(1), Some(2), Some(2), Some(4), Some(6), Some(40)]);
        assert_eq!((outside(0), outside(1)), (None, None));
    }

    #[test]
    fn many_values_come_near_the_normal_distribution() {
        for n in [1_000usize, 10_000, 100_000] {
            let normal = n as f64 / 2.0 - 0.5 - 0.979_982 * (n as f64).sqrt();
            assert!((outside(n).unwrap() as f64 - normal).abs() <= 1.0, "{n}: {:?}, {normal}", outside(n));
        }
    }
}
