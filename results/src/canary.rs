//! What canaries say: fixed pieces of work that `bench` does itself before and after each round. If they take longer or shorter than
//! a moment ago, it was the machine that changed, and whatever was measured in between is not to be trusted.

use crate::estimate::median;
use crate::record::Canary;

/// A change below this is none.
const DRIFT: f64 = 0.02;

/// And a change within so many standard errors of the canary's own scatter is none either.
const ERRORS: f64 = 4.0;

/// A round is held against so many before it, the latest: a machine that drifts slowly, or warms up for good, is what it was a moment
/// ago.
const RECENT: usize = 8;

/// And against no fewer than so many: of two rounds nobody can say which lies apart.
const FEWEST: usize = 3;

/// Looked at are so many canaries of a round: there are three, and a file is outside input.
const MOST: usize = 16;

/// From the median absolute deviation to a standard deviation, and from that to the standard error of a median: of normal
/// values, for both.
const MAD_TO_DEVIATION: f64 = 1.4826;
const MEDIAN_ERROR: f64 = 1.2533;

/// What of a round's canaries shows that the machine was disturbed, in one line; nothing if none does. A round is disturbed if a canary
/// changed from before it to after it, or took longer or shorter on both sides of it than around all the rounds of late. `earlier` are the
/// canaries of the rounds before that count, in their order.
#[must_use]
pub fn disturbance(canaries: &[Canary], earlier: &[&[Canary]]) -> Option<String> {
    let ((canary, change), than) = match largest(canaries, change) {
        Some(found) => (found, "after the round than before it"),
        None => (largest(canaries, |canary| apart(canary, earlier))?, "in the round than in those before it"),
    };
    let word = if change > 0.0 { "longer" } else { "shorter" };
    Some(format!("the canary {} took {:.1} % {word} {than}", canary.canary, 100.0 * change.abs()))
}

/// The canary that is off by most, and by how much.
fn largest(canaries: &[Canary], off: impl Fn(&Canary) -> Option<f64>) -> Option<(&Canary, f64)> {
    let found = canaries.iter().take(MOST).filter_map(|canary| Some((canary, off(canary)?)));
    found.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
}

/// By how much of its time a canary changed in a round; nothing where that is within [`DRIFT`] or its own scatter.
fn change(canary: &Canary) -> Option<f64> {
    let (before, before_error) = centre(&canary.before_ns)?;
    let (after, after_error) = centre(&canary.after_ns)?;
    let change = after / before - 1.0;
    let error = (before_error / before).hypot(after_error / before);
    (change.abs() > DRIFT.max(ERRORS * error)).then_some(change)
}

/// By how much of their middle a canary lies apart from the rounds of late; nothing where one of its sides is among them, or beyond
/// them by no more than [`DRIFT`], its own scatter, or the range that they have themselves.
fn apart(canary: &Canary, earlier: &[&[Canary]]) -> Option<f64> {
    let of = |canaries: &&[Canary]| {
        let same = canaries.iter().take(MOST).find(|other| other.canary == canary.canary)?;
        Some([centre(&same.before_ns)?.0, centre(&same.after_ns)?.0])
    };
    let rounds: Vec<[f64; 2]> = earlier.iter().rev().take(RECENT).filter_map(of).collect();
    if rounds.len() < FEWEST {
        return None;
    }
    let levels: Vec<f64> = rounds.into_iter().flatten().collect();
    let low = levels.iter().copied().reduce(f64::min)?;
    let high = levels.iter().copied().reduce(f64::max)?;
    let (before, before_error) = centre(&canary.before_ns)?;
    let (after, after_error) = centre(&canary.after_ns)?;
    let beyond = (before.min(after) / high - 1.0).max(low / before.max(after) - 1.0);
    let error = (before_error / before).max(after_error / after);
    let is_apart = beyond > DRIFT.max(ERRORS * error).max(high / low - 1.0);
    is_apart.then_some(before.midpoint(after) / median(&levels)? - 1.0)
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

    /// A round in which nothing changed, at this level.
    fn steady(ns: u64) -> Canary {
        canary(&[ns; 9], &[ns; 9])
    }

    /// What a round says after rounds at these levels.
    fn after(levels_ns: &[u64], round: Canary) -> Option<String> {
        let earlier: Vec<[Canary; 1]> = levels_ns.iter().map(|&ns| [steady(ns)]).collect();
        let earlier: Vec<&[Canary]> = earlier.iter().map(<[Canary; 1]>::as_slice).collect();
        disturbance(&[round], &earlier)
    }

    #[test]
    fn a_clear_change_is_told_and_a_small_one_is_not() {
        let steady = [1000; 9];
        assert_eq!(disturbance(&[canary(&steady, &[1019; 9])], &[]), None);
        let found = disturbance(&[canary(&steady, &steady), canary(&steady, &[1050; 9])], &[]).unwrap();
        assert_eq!(found, "the canary spin took 5.0 % longer after the round than before it");
        assert!(disturbance(&[canary(&steady, &[900; 9])], &[]).unwrap().contains("10.0 % shorter"));
    }

    #[test]
    fn its_own_scatter_is_no_change() {
        let noisy = [900, 950, 1000, 1050, 1100, 980, 1020, 930, 1070];
        let moved = noisy.map(|ns| ns + 40);
        assert_eq!(disturbance(&[canary(&noisy, &moved)], &[]), None, "4 % on a scatter of 5 %");
        assert_eq!(after(&[1000; 5], canary(&moved, &moved)), None);
        let moved = noisy.map(|ns| ns + 400);
        assert!(disturbance(&[canary(&noisy, &moved)], &[]).is_some());
        assert!(after(&[1000; 5], canary(&moved, &moved)).is_some());
    }

    #[test]
    fn a_round_that_is_slow_throughout_lies_apart() {
        let found = after(&[1000, 1002, 998], steady(1080)).unwrap();
        assert_eq!(found, "the canary spin took 8.0 % longer in the round than in those before it");
        assert!(after(&[1000, 1002, 998], steady(930)).unwrap().contains("7.0 % shorter"));
        assert_eq!(after(&[1000, 1002, 998], steady(1015)), None);
        assert_eq!(after(&[1000, 1000], steady(1080)), None, "of two rounds nobody knows which is apart");
        // Another canary's level says nothing.
        let other = Canary { canary: "copy".to_owned(), ..steady(1080) };
        assert_eq!(after(&[1000, 1002, 998], other), None);
    }

    #[test]
    fn what_the_rounds_of_late_had_too_is_not_apart() {
        assert_eq!(after(&[1000, 1080, 1000, 1000], steady(1080)), None, "it came before");
        assert_eq!(after(&[1000, 1050, 980, 1020], steady(1110)), None, "they differ by more themselves");
        let drift: Vec<u64> = (0..20).map(|round| 1000 + 15 * round).collect();
        assert_eq!(after(&drift, steady(1000 + 15 * 20)), None, "a machine that warms up");
        let cold_then_warm = [[1000; 4].as_slice(), &[1100; 8]].concat();
        assert!(after(&cold_then_warm, steady(1000)).is_some(), "what it was before it warmed up is long ago");
    }

    #[test]
    fn nothing_measured_says_nothing() {
        assert_eq!(disturbance(&[], &[]), None);
        assert_eq!(disturbance(&[canary(&[], &[1])], &[]), None);
        assert_eq!(disturbance(&[canary(&[0], &[1])], &[]), None);
        let (nothing, zero) = ([canary(&[], &[])], [steady(0)]);
        let earlier: [&[Canary]; 4] = [&nothing, &zero, &[], &nothing];
        assert_eq!(disturbance(&[steady(1)], &earlier), None);
    }
}
