//! How well the median of a launch's blocks is known, so that sampling can stop once it is known well enough.
//!
//! The blocks of a launch follow each other closely and are alike, which makes the interval too narrow for an inference;
//! looking at it after every block does too. So it decides when to stop and nothing else: what is inferred is inferred from
//! launches, and this interval is not even recorded. It asks how well a time is known, never whether two differ, for
//! stopping at a difference would find one everywhere.

/// How likely the interval is to hold the median, were the blocks independent.
const CONFIDENCE: f64 = 0.95;

/// The blocks so far, in order.
#[derive(Debug, Default)]
pub(crate) struct Precision {
    sorted: Vec<f64>,
}

impl Precision {
    /// Adds a block.
    pub(crate) fn push(&mut self, value: f64) {
        let at = self.sorted.partition_point(|&other| other <= value);
        self.sorted.insert(at, value);
    }

    /// Half the width of the 95 % interval of the median, as a share of the median. `None` of fewer than six blocks, which
    /// leave no such interval, and of a median that is not above zero.
    pub(crate) fn half_width(&self) -> Option<f64> {
        let n = self.sorted.len();
        let outside = outside(n)?;
        let (low, high) = (self.sorted.get(outside)?, self.sorted.get(n - 1 - outside)?);
        let median = f64::midpoint(*self.sorted.get((n - 1) / 2)?, *self.sorted.get(n / 2)?);
        (median > 0.0).then(|| (high - low) / 2.0 / median)
    }
}

/// How many of n values in order lie outside the interval of their median at each end. The interval that is left holds the
/// median unless at most so many values lie on one side of it, of n that lie on either with probability ½: whatever the
/// values' distribution, a matter of the binomial one (David and Nagaraja, Order Statistics, 3rd ed., 2003, section 7.1).
/// `None` where not even all values are enough.
fn outside(n: usize) -> Option<usize> {
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

    fn of(values: impl IntoIterator<Item = f64>) -> Precision {
        let mut precision = Precision::default();
        values.into_iter().for_each(|value| precision.push(value));
        precision
    }

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

    #[test]
    fn the_width_is_a_share_of_the_median() {
        // 91 to 105 in no order: the median is 98, the interval goes from 94 to 102.
        let precision = of((0..15).map(|i| f64::from(91 + i * 7 % 15)));
        assert!((precision.half_width().unwrap() - 4.0 / 98.0).abs() < 1e-15);
        assert_eq!(of(std::iter::repeat_n(3.0, 6)).half_width(), Some(0.0));
    }

    #[test]
    fn nothing_is_known_of_few_blocks_or_of_no_time() {
        assert_eq!(of([1.0; 5]).half_width(), None);
        assert_eq!(of([]).half_width(), None);
        assert_eq!(of([0.0; 20]).half_width(), None);
        assert_eq!(of([-1.0; 20]).half_width(), None);
    }
}
