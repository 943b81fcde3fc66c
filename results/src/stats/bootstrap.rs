//! Bootstrap intervals of means (B. Efron, Annals of Statistics 7, 1979), widened for few values.
//!
//! The plain percentile interval is too narrow from few values, for three reasons, and each has a known size. Resamples
//! scatter by √((n−1)/n) too little, and normal quantiles stand where Student's belong: T. Hesterberg's expanded percentile
//! interval takes percentiles further out by just as much (The American Statistician 69, 2015). And a mean of n drawn from
//! n values cannot go beyond the largest of them, so that its tails are lighter than the normal distribution's: its excess
//! kurtosis is −6 / (n(n+1)) for normal values, and the percentiles move out by the second term of E. A. Cornish and R. A.
//! Fisher's expansion (Revue de l'Institut international de statistique 5, 1937).
//!
//! The tests simulate 8000 series each. The interval of 6 to 40 values held the truth in 93.8 to 95.3 of a hundred for normal
//! noise and for exponentials of it that scatter by 2 %, in 93.4 to 95.2 for those that scatter by 20 %; that of a difference
//! of two groups of 6 to 40 in 94.6 to 95.5. The least is always that of six values;
//! five, the fewest that are taken, hold it in 92.5 to 92.9.

use super::{Interval, summary};
use chipmark_core::Fill;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use std::collections::HashMap;
use std::rc::Rc;

/// How many resamples: enough that a few lie beyond the ends of the interval of six values.
const RESAMPLES: usize = 2000;

/// The fewest values. Of four values one resample in 256 is the smallest four times over, and the tail to be cut off is one in
/// 8000: the interval would end at the smallest value, whatever the others are.
pub const FEWEST: usize = 5;

/// The most values; more would only cost memory.
const MOST: usize = 4096;

/// The most draws that are kept, of all sizes together: what a file whose cells all have different numbers of launches may
/// cost is 64 MiB.
const MOST_KEPT: usize = 32 << 20;

/// Intervals under one seed. The draws of a resample depend on how many values there are and not on what they are, so cells
/// with as many launches share them.
#[derive(Debug)]
pub struct Bootstrap {
    seed: u64,
    draws: HashMap<(usize, Group), Rc<Vec<u16>>>,
    kept: usize,
    means: Vec<f64>,
}

/// Which of two groups is drawn from: two of one size must not have the same draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Group {
    First,
    Second,
}

/// The 95% interval of the mean; see [`Bootstrap::mean_interval`].
#[must_use]
pub fn mean_interval(values: &[f64], seed: u64) -> Option<Interval> {
    Bootstrap::new(seed).mean_interval(values)
}

/// The 95% interval of mean(b) − mean(a); see [`Bootstrap::difference_interval`].
#[must_use]
pub fn difference_interval(a: &[f64], b: &[f64], seed: u64) -> Option<Interval> {
    Bootstrap::new(seed).difference_interval(a, b)
}

impl Bootstrap {
    /// The intervals of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Bootstrap { seed, draws: HashMap::new(), kept: 0, means: Vec::new() }
    }

    /// The 95% interval of the mean. Nothing from fewer than [`FEWEST`] values, or from what is no finite number.
    pub fn mean_interval(&mut self, values: &[f64]) -> Option<Interval> {
        let (mean, part) = part(values)?;
        let draws = self.draws(values.len(), Group::First);
        self.means.clear();
        self.means.extend(means(values, &draws));
        self.interval(mean, tail(&[part])?)
    }

    /// The 95% interval of mean(b) − mean(a) of two independent groups. Nothing if one has fewer than [`FEWEST`] values, or
    /// what is no finite number.
    pub fn difference_interval(&mut self, a: &[f64], b: &[f64]) -> Option<Interval> {
        let ((mean_a, part_a), (mean_b, part_b)) = (part(a)?, part(b)?);
        let (draws_a, draws_b) = (self.draws(a.len(), Group::First), self.draws(b.len(), Group::Second));
        self.means.clear();
        self.means.extend(means(a, &draws_a).zip(means(b, &draws_b)).map(|(a, b)| b - a));
        self.interval(mean_b - mean_a, tail(&[part_a, part_b])?)
    }

    /// The interval around `middle` that leaves out the share `tail` of the resampled means at each end.
    fn interval(&mut self, middle: f64, tail: f64) -> Option<Interval> {
        // Each of R values has 1/(R+1) below the lowest and between any two (Hyndman and Fan, The American Statistician 50,
        // 1996, definition 6).
        let before = (tail * (self.means.len() + 1) as f64 - 1.0).round().max(0.0) as usize;
        let last = self.means.len().checked_sub(1)?;
        let mut at = |rank: usize| {
            let (_, value, _) = self.means.select_nth_unstable_by(rank, f64::total_cmp);
            *value
        };
        let (low, high) = (at(before.min(last)), at(last.saturating_sub(before)));
        // By rounding alone the mean of equal values could lie outside.
        let interval = Interval { low: low.min(middle), high: high.max(middle) };
        (interval.low.is_finite() && interval.high.is_finite()).then_some(interval)
    }

    /// The places that each resample draws, one resample after the other.
    fn draws(&mut self, size: usize, group: Group) -> Rc<Vec<u16>> {
        if let Some(draws) = self.draws.get(&(size, group)) {
            return Rc::clone(draws);
        }
        let mut fill = match group {
            Group::First => Fill::new(self.seed, "bootstrap"),
            Group::Second => Fill::new(self.seed, "bootstrap, second"),
        };
        #[expect(clippy::cast_possible_truncation, reason = "below MOST")]
        let draws: Rc<Vec<u16>> = Rc::new((0..size * RESAMPLES).map(|_| fill.below(size) as u16).collect());
        if self.kept + draws.len() > MOST_KEPT {
            self.draws.clear();
            self.kept = 0;
        }
        self.kept += draws.len();
        self.draws.insert((size, group), Rc::clone(&draws));
        draws
    }
}

/// A group's part in the doubt.
struct Part {
    /// How many values.
    n: f64,
    /// The variance of their mean.
    variance: f64,
}

/// The mean of a group, and its part in the doubt. Nothing if there are too few values, or too many.
fn part(values: &[f64]) -> Option<(f64, Part)> {
    let n = values.len() as f64;
    let variance = summary::standard_deviation(values)?.powi(2) / n;
    (FEWEST..=MOST).contains(&values.len()).then_some((summary::mean(values)?, Part { n, variance }))
}

/// The share of the resamples to be left out at each end, for an interval of 95%; the module says why.
fn tail(parts: &[Part]) -> Option<f64> {
    let all: f64 = parts.iter().map(|part| part.variance).sum();
    if all == 0.0 {
        // All resamples are the same: each is the end of the interval.
        return Some(0.5);
    }
    let (mut per_freedom, mut scatter, mut excess) = (0.0, 0.0, 0.0);
    for &Part { n, variance } in parts {
        let share = variance / all;
        // n − 1 for one group; for two by B. L. Welch (Biometrika 34, 1947).
        per_freedom += share.powi(2) / (n - 1.0);
        // The variance of the resampled means, as a share of what it should be, and their excess kurtosis.
        scatter += share * (n - 1.0) / n;
        excess -= share.powi(2) * 6.0 / (n * (n + 1.0));
    }
    let freedom = f64::recip(per_freedom);
    let z = StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(0.975) / scatter.sqrt();
    Some(Normal::standard().cdf(-(z - excess * (z.powi(3) - 3.0 * z) / 24.0)))
}

fn means<'a>(values: &'a [f64], draws: &'a [u16]) -> impl Iterator<Item = f64> + 'a {
    let n = values.len() as f64;
    let sum = |draws: &[u16]| draws.iter().filter_map(|&at| values.get(usize::from(at))).sum::<f64>();
    draws.chunks_exact(values.len()).map(move |draws| sum(draws) / n)
}

#[cfg(test)]
mod tests;
