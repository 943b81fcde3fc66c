//! Bootstrap intervals of means (B. Efron, Annals of Statistics 7, 1979), widened for few values.
//!
//! The plain percentile interval is too narrow from few values: resamples scatter by √((n−1)/n) too little, and normal quantiles stand
//! where Student's belong. Hesterberg's expanded percentile interval (The American Statistician 69, 2015) takes percentiles
//! further out, by just as much. In 4000 simulated series each, of normal and of log-normal noise, it held the truth in 94.1 to 95.7 of
//! a hundred with 8 to 40 values (92.5 with 6), and differences of two groups in 94.5 to 95.5; the tests repeat that.

use super::{Interval, summary};
use chipmark_core::Fill;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use std::collections::HashMap;
use std::rc::Rc;

/// How many resamples: enough that a few lie beyond the ends of the interval of six values.
const RESAMPLES: usize = 2000;

/// The fewest values. From fewer the ends would lie beyond the most extreme resample, so that no bootstrap knows them.
pub const FEWEST: usize = 5;

/// The most values; more would only cost memory.
const MOST: usize = 4096;

/// Intervals under one seed. The draws of a resample depend on how many values there are and not on what they are, so cells with as many
/// launches share them.
#[derive(Debug)]
pub struct Bootstrap {
    seed: u64,
    draws: HashMap<(usize, bool), Rc<Vec<u16>>>,
    means: Vec<f64>,
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
        Bootstrap { seed, draws: HashMap::new(), means: Vec::new() }
    }

    /// The 95% interval of the mean. Nothing from fewer than [`FEWEST`] values, or from what is no finite number.
    pub fn mean_interval(&mut self, values: &[f64]) -> Option<Interval> {
        if !(FEWEST..=MOST).contains(&values.len()) {
            return None;
        }
        let n = values.len() as f64;
        let middle = summary::mean(values)?;
        let draws = self.draws(values.len(), false);
        self.means.clear();
        self.means.extend(means(values, &draws));
        self.interval(middle, (n / (n - 1.0)).sqrt(), n - 1.0)
    }

    /// The 95% interval of mean(b) − mean(a) of two independent groups. Nothing if one has fewer than [`FEWEST`] values.
    pub fn difference_interval(&mut self, a: &[f64], b: &[f64]) -> Option<Interval> {
        let sizes = FEWEST..=MOST;
        if !sizes.contains(&a.len()) || !sizes.contains(&b.len()) {
            return None;
        }
        let middle = summary::mean(b)? - summary::mean(a)?;
        let (draws_a, draws_b) = (self.draws(a.len(), false), self.draws(b.len(), true));
        self.means.clear();
        self.means.extend(means(a, &draws_a).zip(means(b, &draws_b)).map(|(a, b)| b - a));
        let part = |group: &[f64]| {
            let n = group.len() as f64;
            Some((summary::standard_deviation(group)?.powi(2) / n, n))
        };
        let ((of_a, n_a), (of_b, n_b)) = (part(a)?, part(b)?);
        if of_a + of_b == 0.0 {
            return Some(Interval { low: middle, high: middle });
        }
        // By how much the resamples of both together scatter too little, and Welch's degrees of freedom (Biometrika 34, 1947).
        let narrow = (of_a * (n_a - 1.0) / n_a + of_b * (n_b - 1.0) / n_b) / (of_a + of_b);
        let freedom = (of_a + of_b).powi(2) / (of_a.powi(2) / (n_a - 1.0) + of_b.powi(2) / (n_b - 1.0));
        self.interval(middle, narrow.sqrt().recip(), freedom)
    }

    /// The interval of the resampled means, whose percentiles are moved out by a factor and Student's t.
    fn interval(&mut self, middle: f64, factor: f64, freedom: f64) -> Option<Interval> {
        let t = StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(0.975);
        let tail = Normal::standard().cdf(-t * factor);
        let last = (self.means.len() - 1) as f64;
        let mut at = |share: f64| {
            let rank = (share * last).round() as usize;
            let (_, value, _) = self.means.select_nth_unstable_by(rank, f64::total_cmp);
            *value
        };
        let (low, high) = (at(tail), at(1.0 - tail));
        // By rounding alone the mean of equal values could lie outside.
        Some(Interval { low: low.min(middle), high: high.max(middle) })
    }

    /// The places that each resample draws, one resample after the other. Two groups of one size have different ones.
    fn draws(&mut self, size: usize, second: bool) -> Rc<Vec<u16>> {
        let seed = self.seed;
        let draw = || {
            let mut fill = Fill::new(seed, if second { "bootstrap, second" } else { "bootstrap" });
            #[expect(clippy::cast_possible_truncation, reason = "below MOST")]
            let draws = (0..size * RESAMPLES).map(|_| fill.below(size) as u16);
            Rc::new(draws.collect())
        };
        Rc::clone(self.draws.entry((size, second)).or_insert_with(draw))
    }
}

fn means<'a>(values: &'a [f64], draws: &'a [u16]) -> impl Iterator<Item = f64> + 'a {
    let n = values.len() as f64;
    let sum = |draws: &[u16]| draws.iter().filter_map(|&at| values.get(usize::from(at))).sum::<f64>();
    draws.chunks_exact(values.len()).map(move |draws| sum(draws) / n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Noise(Fill);

    impl Noise {
        fn normal(&mut self) -> f64 {
            let (u, v) = (1.0 - self.0.unit(), self.0.unit());
            (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
        }
    }

    /// Of how many hundred simulated series the interval holds the truth.
    fn coverage(mut covers: impl FnMut(&mut Noise, &mut Bootstrap) -> bool) -> f64 {
        let (mut noise, mut bootstrap) = (Noise(Fill::new(3, "coverage")), Bootstrap::new(1));
        let trials = 4000;
        (0..trials).filter(|_| covers(&mut noise, &mut bootstrap)).count() as f64 * 100.0 / f64::from(trials)
    }

    fn holds(interval: Interval, truth: f64) -> bool {
        (interval.low..=interval.high).contains(&truth)
    }

    #[test]
    fn the_interval_holds_the_truth_as_often_as_it_says() {
        for n in [8, 10, 20, 40] {
            let normal = coverage(|noise, bootstrap| {
                let values: Vec<f64> = (0..n).map(|_| 1.0 + noise.normal()).collect();
                holds(bootstrap.mean_interval(&values).unwrap(), 1.0)
            });
            // Exponentials of normal noise, as spikes skew it; its mean is e^(σ²/2).
            let skewed = coverage(|noise, bootstrap| {
                let values: Vec<f64> = (0..n).map(|_| (0.2 * noise.normal()).exp()).collect();
                holds(bootstrap.mean_interval(&values).unwrap(), 0.02f64.exp())
            });
            for (what, found) in [("normal", normal), ("skewed", skewed)] {
                assert!((93.0..=97.0).contains(&found), "{n} values, {what}: {found} %");
            }
        }
    }

    #[test]
    fn the_difference_holds_the_truth_as_often_as_it_says() {
        for (a, b) in [(6, 6), (8, 20), (20, 8), (10, 40), (20, 20)] {
            let found = coverage(|noise, bootstrap| {
                let a: Vec<f64> = (0..a).map(|_| noise.normal()).collect();
                let b: Vec<f64> = (0..b).map(|_| 0.5 + 2.0 * noise.normal()).collect();
                holds(bootstrap.difference_interval(&a, &b).unwrap(), 0.5)
            });
            assert!((93.0..=97.0).contains(&found), "{a} and {b} values: {found} %");
        }
    }

    #[test]
    fn few_values_have_none_and_equal_ones_no_width() {
        assert_eq!(mean_interval(&[1.0; FEWEST - 1], 1), None);
        assert_eq!(mean_interval(&[f64::NAN; 9], 1), None);
        assert_eq!(difference_interval(&[1.0; 9], &[1.0; 4], 1), None);
        assert_eq!(mean_interval(&[2.5; 9], 1), Some(Interval { low: 2.5, high: 2.5 }));
        assert_eq!(difference_interval(&[1.0; 9], &[3.0; 7], 1), Some(Interval { low: 2.0, high: 2.0 }));
    }

    proptest! {
        #[test]
        fn it_is_the_same_under_the_same_seed_and_moves_with_the_values(
            values in prop::collection::vec(-1.0f64..1.0, FEWEST..30),
            shift in -10.0f64..10.0,
        ) {
            let found = mean_interval(&values, 7).unwrap();
            prop_assert_eq!(Some(found), mean_interval(&values, 7));
            let moved: Vec<f64> = values.iter().map(|value| value + shift).collect();
            let moved = mean_interval(&moved, 7).unwrap();
            prop_assert!((moved.low - found.low - shift).abs() < 1e-9 && (moved.high - found.high - shift).abs() < 1e-9);
            prop_assert!(found.low <= found.high);
        }
    }
}
