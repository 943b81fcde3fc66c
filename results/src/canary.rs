//! What canaries say: fixed pieces of work that `bench` does itself before and after each round. If they take longer or shorter than
//! a moment ago, it was the machine that changed, and whatever was measured in between is not to be trusted.

use crate::estimate::median;
use crate::record::Canary;

/// A change below this is none.
const DRIFT: f64 = 0.02;

/// And a change within so many standard errors of the canary's own scatter is none either.
const ERRORS: f64 = 4.0;

/// From the median absolute deviation to a standard deviation, and from that to the standard error of a median: of normal
/// values, for both.
const MAD_TO_DEVIATION: f64 = 1.4826;
const MEDIAN_ERROR: f64 = 1.2533;

/// What of the canaries shows that the machine was disturbed, in one line; nothing if none does.
#[must_use]
pub fn disturbance(canaries: &[Canary]) -> Option<String> {
    let changed = canaries.iter().filter_map(|canary| Some((canary, change(canary)?)));
    let (canary, change) = changed.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
    let word = if change > 0.0 { "longer" } else { "shorter" };
    Some(format!(
        "the canary {} took {:.1} % {word} after the round than before it",
        canary.canary,
        100.0 * change.abs()
    ))
}

/// By how much of its time a canary changed; nothing where that is within [`DRIFT`] or its own scatter.
fn change(canary: &Canary) -> Option<f64> {
    let (before, before_error) = centre(&canary.before_ns)?;
    let (after, after_error) = centre(&canary.after_ns)?;
    let change = after / before - 1.0;
    let error = (before_error / before).hypot(after_error / before);
    (change.abs() > DRIFT.max(ERRORS * error)).then_some(change)
}

/// The median and its standard error.
fn centre(times_ns: &[u64]) -> Option<(f64, f64)> {
    let times: Vec<f64> = times_ns.iter().map(|&ns| ns as f64).collect();
    let middle = median(&times).filter(|middle| *middle > 0.0)?;
    let spread = median(&times.iter().map(|ns| (ns - middle).abs()).collect::<Vec<_>>())?;
    Some((middle, MEDIAN_ERROR * MAD_TO_DEVIATION * spread / (times.len() as f64).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canary(before_ns: &[u64], after_ns: &[u64]) -> Canary {
        Canary { canary: "spin".to_owned(), before_ns: before_ns.to_vec(), after_ns: after_ns.to_vec() }
    }

    #[test]
    fn a_clear_change_is_told_and_a_small_one_is_not() {
        let steady = [1000; 9];
        assert_eq!(disturbance(&[canary(&steady, &[1019; 9])]), None);
        let found = disturbance(&[canary(&steady, &steady), canary(&steady, &[1050; 9])]).unwrap();
        assert_eq!(found, "the canary spin took 5.0 % longer after the round than before it");
        assert!(disturbance(&[canary(&steady, &[900; 9])]).unwrap().contains("10.0 % shorter"));
    }

    #[test]
    fn its_own_scatter_is_no_change() {
        let noisy = [900, 950, 1000, 1050, 1100, 980, 1020, 930, 1070];
        let moved = noisy.map(|ns| ns + 40);
        assert_eq!(disturbance(&[canary(&noisy, &moved)]), None, "4 % on a scatter of 5 %");
        let moved = noisy.map(|ns| ns + 400);
        assert!(disturbance(&[canary(&noisy, &moved)]).is_some());
    }

    #[test]
    fn nothing_measured_says_nothing() {
        assert_eq!(disturbance(&[]), None);
        assert_eq!(disturbance(&[canary(&[], &[1])]), None);
        assert_eq!(disturbance(&[canary(&[0], &[1])]), None);
    }
}
