//! How well the median of a launch's blocks is known, so that sampling can stop once it is known well enough.
//!
//! The blocks of a launch follow each other closely and are alike, which makes the interval too narrow for an inference;
//! looking at it after every block does too. So it decides when to stop and nothing else: what is inferred is inferred from
//! launches, and this interval is not even recorded. It asks how well a time is known, never whether two differ, for
//! stopping at a difference would find one everywhere.

use chipmark_core::median_interval::outside;

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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = f64>) -> Precision {
        let mut precision = Precision::default();
        values.into_iter().for_each(|value| precision.push(value));
        precision
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
