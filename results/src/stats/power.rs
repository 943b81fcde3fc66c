//! How many rounds it takes.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// The most that is ever answered: what needs more cannot be had.
const MOST: u32 = 100_000;

/// How many paired rounds a two-sided test at level `alpha` needs to find, with probability `power`, a mean that lies
/// `distance` from where it must be told from, when the differences scatter with the standard deviation `deviation`.
///
/// The smallest n with n ≥ ((t + z)·deviation / distance)², where t is Student's quantile of 1 − alpha/2 with n − 1 degrees
/// of freedom and z the normal quantile of `power` (J. Cohen, Statistical Power Analysis, 1988, ch. 2, with the t quantile in
/// place of the normal one). At least two; 100,000 where no number would do, or where one of the four is no number.
#[must_use]
pub fn rounds_needed(deviation: f64, distance: f64, alpha: f64, power: f64) -> u32 {
    let units = deviation / distance;
    if !units.is_finite() || alpha.is_nan() || power.is_nan() {
        return MOST;
    }
    let z = Normal::standard().inverse_cdf(power.clamp(0.5, 0.999_999));
    let tail = 1.0 - alpha.clamp(1e-12, 1.0) / 2.0;
    let enough = |n: u32| {
        let t = StudentsT::new(0.0, 1.0, f64::from(n - 1)).map_or(f64::INFINITY, |t| t.inverse_cdf(tail));
        f64::from(n) >= ((t + z) * units).powi(2)
    };
    // The quantile falls as n grows, so that what is enough stays enough: halve the range.
    let (mut low, mut high) = (1, 2);
    while high < MOST && !enough(high) {
        (low, high) = (high, high * 2);
    }
    while high - low > 1 {
        let middle = low.midpoint(high);
        if enough(middle) { high = middle } else { low = middle }
    }
    high.min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::summary;
    use chipmark_core::Fill;

    #[test]
    fn worked_by_hand() {
        // (t₃₃ 2.035 + 0.842)² · 4 = 33.1: the 34 of Cohen's table for d = 0.5, two-sided at 5 %, power 80 %.
        assert_eq!(rounds_needed(1.0, 0.5, 0.05, 0.8), 34);
        assert_eq!(rounds_needed(0.02, 0.01, 0.05, 0.8), 34, "only the ratio matters");
        assert_eq!(rounds_needed(0.0, 1.0, 0.05, 0.9), 2);
        assert_eq!(rounds_needed(1.0, 0.0, 0.05, 0.9), MOST);
        assert!(rounds_needed(1.0, 0.5, 0.005, 0.8) > 50);
    }

    #[test]
    fn what_is_no_number_needs_the_most() {
        for at in 0..4 {
            for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0, f64::MAX, f64::MIN_POSITIVE] {
                let mut given = [0.02, 0.01, 0.05, 0.8];
                given[at] = wrong;
                let [deviation, distance, alpha, power] = given;
                let found = rounds_needed(deviation, distance, alpha, power);
                assert!((2..=MOST).contains(&found), "{given:?}: {found}");
                assert!(found == MOST || !wrong.is_nan(), "{given:?}: {found}");
            }
        }
    }

    #[test]
    fn the_power_is_reached_and_one_round_fewer_is_too_few() {
        let mut fill = Fill::new(1, "power");
        let mut normal = || {
            let (u, v): (f64, f64) = (1.0 - fill.unit(), fill.unit());
            (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
        };
        // The share of simulated series of n rounds in which the t test finds the mean.
        let mut found = |n: u32, alpha: f64, deviation: f64, distance: f64| {
            let t = StudentsT::new(0.0, 1.0, f64::from(n - 1)).unwrap().inverse_cdf(1.0 - alpha / 2.0);
            let trials = 8000;
            let found = (0..trials).filter(|_| {
                let values: Vec<f64> = (0..n).map(|_| distance + deviation * normal()).collect();
                let error = summary::standard_deviation(&values).unwrap() / f64::from(n).sqrt();
                (summary::mean(&values).unwrap() / error).abs() > t
            });
            found.count() as f64 / f64::from(trials)
        };
        for (deviation, alpha, power) in [(0.02, 0.05, 0.8), (0.028, 0.05, 0.9), (0.03, 0.005, 0.97), (0.06, 0.05, 0.8)]
        {
            let n = rounds_needed(deviation, 0.02, alpha, power);
            let (enough, fewer) = (found(n, alpha, deviation, 0.02), found(n - 1, alpha, deviation, 0.02));
            assert!(enough > power - 0.02, "{enough} with {n} rounds");
            assert!(fewer < power + 0.02, "{fewer} with {} rounds", n - 1);
        }
    }
}
