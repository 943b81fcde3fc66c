//! What others would say of the same samples, all launches thrown together as they do.

use chipmark_core::Fill;
use chipmark_results::estimate::median;
use chipmark_results::stats::summary::{mean, standard_deviation};
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// How many resamples criterion's rule is given here. Its own hundred thousand change the third digit.
const RESAMPLES: usize = 1_000;

/// Another rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rival {
    /// criterion: the mean changed by its bootstrapped t-test at 5 %, and the change's 95 % interval lies beyond its noise
    /// threshold of 1 % (criterion.rs, user guide, "Analysis process").
    Criterion,
    /// asv: Mann and Whitney's test at 0.002, and the medians differ by a factor of 1.1 (asv continuous, its defaults).
    Asv,
    /// Welch's t-test at 5 %.
    Welch,
    /// The means differ by a factor of 1.1.
    Threshold110,
    /// The means differ by a factor of 2, the default of github-action-benchmark's alert.
    Threshold200,
}

impl Rival {
    pub(crate) const ALL: [Rival; 5] =
        [Rival::Criterion, Rival::Asv, Rival::Welch, Rival::Threshold110, Rival::Threshold200];

    /// Its name in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Rival::Criterion => "criterion (t-test at 5%, noise threshold 1%)",
            Rival::Asv => "asv (Mann-Whitney at 0.002, factor 1.1)",
            Rival::Welch => "Welch's t-test at 5%",
            Rival::Threshold110 => "threshold of 110%",
            Rival::Threshold200 => "threshold of 200%",
        }
    }

    /// Whether it calls b slower than a (1), faster (-1), or neither.
    pub(crate) fn change(self, a: &[f64], b: &[f64]) -> i8 {
        let (Some(mean_a), Some(mean_b)) = (mean(a), mean(b)) else { return 0 };
        let beyond = |ratio: f64, factor: f64| i8::from(ratio > factor) - i8::from(ratio < 1.0 / factor);
        match self {
            Rival::Threshold110 => beyond(mean_b / mean_a, 1.1),
            Rival::Threshold200 => beyond(mean_b / mean_a, 2.0),
            Rival::Asv => match mann_whitney(a, b) {
                p if p < 0.002 => median(a).zip(median(b)).map_or(0, |(a, b)| beyond(b / a, 1.1)),
                _ => 0,
            },
            Rival::Welch => match welch(a, b) {
                Some(p) if p < 0.05 => beyond(mean_b / mean_a, 1.0),
                _ => 0,
            },
            Rival::Criterion => criterion(a, b),
        }
    }
}

/// The p-value of Mann and Whitney's test by its normal approximation, as good as exact for samples of a hundred and more, as
/// those of several launches are (E. L. Lehmann, Nonparametrics, 1975, §1.3). Equal values count a half.
fn mann_whitney(a: &[f64], b: &[f64]) -> f64 {
    let mut sorted = b.to_vec();
    sorted.sort_by(f64::total_cmp);
    let below = |x: &f64| (sorted.partition_point(|y| y < x) + sorted.partition_point(|y| y <= x)) as f64 / 2.0;
    let u: f64 = a.iter().map(below).sum();
    let (n, m) = (a.len() as f64, b.len() as f64);
    let z = (u - n * m / 2.0).abs() / (n * m * (n + m + 1.0) / 12.0).sqrt();
    2.0 * Normal::standard().sf(z)
}

/// The p-value of two samples whose variances may differ (B. L. Welch, Biometrika 34, 1947).
fn welch(a: &[f64], b: &[f64]) -> Option<f64> {
    let error = |values: &[f64]| Some(standard_deviation(values)?.powi(2) / values.len() as f64);
    let (of_a, of_b) = (error(a)?, error(b)?);
    let t = (mean(b)? - mean(a)?) / (of_a + of_b).sqrt();
    let freedom = |error: f64, n: usize| error.powi(2) / (n as f64 - 1.0);
    let freedom = (of_a + of_b).powi(2) / (freedom(of_a, a.len()) + freedom(of_b, b.len()));
    let distribution = StudentsT::new(0.0, 1.0, freedom).ok()?;
    Some(2.0 * distribution.sf(t.abs()))
}

/// Bootstraps the relative change of the mean. An interval at 95 % that is clear of the noise threshold is clear of zero too,
/// so that the test at 5 % adds nothing to it.
fn criterion(a: &[f64], b: &[f64]) -> i8 {
    const NOISE: f64 = 0.01;
    let mut fill = Fill::new(1, "criterion");
    let mut resampled = |values: &[f64]| {
        let drawn = (0..values.len()).filter_map(|_| values.get(fill.below(values.len())));
        drawn.sum::<f64>() / values.len() as f64
    };
    let mut changes: Vec<f64> = (0..RESAMPLES).map(|_| resampled(b) / resampled(a) - 1.0).collect();
    changes.sort_by(f64::total_cmp);
    let at = |share: f64| changes.get((share * RESAMPLES as f64) as usize).copied().unwrap_or(0.0);
    i8::from(at(0.025) > NOISE) - i8::from(at(0.975) < -NOISE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hundred values around a mean, within a hundredth of it.
    fn around(mean: f64) -> Vec<f64> {
        (0..100).map(|i| mean * (0.99 + 0.02 * f64::from(i * 37 % 100) / 99.0)).collect()
    }

    #[test]
    fn each_rule_has_its_own_limit() {
        let says = |ratio: f64| Rival::ALL.map(|rival| rival.change(&around(100.0), &around(100.0 * ratio)));
        assert_eq!(says(1.0), [0; 5]);
        assert_eq!(says(1.005), [0, 0, 1, 0, 0]);
        assert_eq!(says(1.05), [1, 0, 1, 0, 0]);
        assert_eq!(says(0.95), [-1, 0, -1, 0, 0]);
        assert_eq!(says(1.2), [1, 1, 1, 1, 0]);
        assert_eq!(says(2.1), [1; 5]);
        assert_eq!(says(0.4), [-1; 5]);
    }

    #[test]
    fn mann_whitney_comes_near_the_exact_test() {
        let (a, b): (Vec<f64>, Vec<f64>) = (0..60).map(|i| (f64::from(i), f64::from(i) + 10.3)).unzip();
        let exact = chipmark_results::stats::mann_whitney::p_value(&a, &b).unwrap_or(f64::NAN);
        let p = mann_whitney(&a, &b);
        assert!((p / exact - 1.0).abs() < 0.1, "{p} {exact}");
        assert!((mann_whitney(&a, &a) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn welch_agrees_with_a_worked_example() {
        // By scipy.stats.ttest_ind(a, b, equal_var=False).
        let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 4.0, 6.0, 8.0, 10.0]);
        let p = welch(&a, &b).unwrap_or(f64::NAN);
        assert!((p - 0.107_531_194_939_645).abs() < 1e-9, "{p}");
    }
}
