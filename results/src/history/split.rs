//! Where one stretch of points is best cut in two levels, and whether chance would cut it as well.
//!
//! The difference of the means on both sides of a split, over its standard error, is largest where the level changes. One
//! change is looked for in stretches of many lengths and places, because a level that comes and goes hides in the whole (S.
//! Kovács, P. Bühlmann, H. Li and A. Munk, Seeded binary segmentation, Biometrika 110, 2023). The largest of all these
//! differences is held against the largest in the same points in random orders, so that it does not matter how many were
//! looked at or how the noise is distributed (D. S. Matteson and N. A. James, Journal of the American Statistical Association
//! 109, 2014, §3, of a distance of distributions; here it is the level alone that matters). For benchmarks: D. Daly, W. Brown,
//! H. Ingo, J. O'Leary and D. Bradford, ICPE 2020.
//!
//! So that one outlier makes no level, the points are winsorised first (W. J. Dixon and J. W. Tukey, Technometrics 10, 1968):
//! unlike a bound in units of the scatter this needs no scatter, which points on a coarse clock may not have, and as fewer points
//! are drawn in than a level has, no level is cut off. It does not depend on the order, so chance is asked about the same points.

use chipmark_core::Fill;
use std::ops::Range;

/// The fewest points of a level.
pub(super) const FEWEST: usize = 5;

/// How many random orders are tried.
const ORDERS: usize = 399;

/// The largest p-value that makes a split a candidate.
const LEVEL: f64 = 0.05;

/// How much shorter each stretch is than the next longer one: Kovács et al. advise 1/√2.
const DECAY: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// A tenth of the values at each end, at least one and fewer than make a level, moved to the nearest of the others.
pub(super) fn winsorised(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let ends = (values.len() / 10).clamp(1, FEWEST - 1);
    let last = sorted.len().saturating_sub(1);
    match (sorted.get(ends), last.checked_sub(ends).and_then(|at| sorted.get(at))) {
        (Some(low), Some(high)) if low <= high => values.iter().map(|value| value.clamp(*low, *high)).collect(),
        _ => sorted,
    }
}

/// The place of the best split of the values in two levels of at least [`FEWEST`]: how many values are before it. Nothing if
/// one in twenty random orders of them, or more, has as good a one.
pub(super) fn candidate(values: &[f64], fill: &mut Fill) -> Option<usize> {
    let mut values = winsorised(values);
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter_mut().for_each(|value| *value -= mean);
    let stretches = stretches(values.len());
    let mut sums = Vec::with_capacity(values.len() + 1);
    let best = best(&values, &stretches, &mut sums)?;
    // The sums of equal values in another order may differ in their last digits.
    let as_good = best.clarity * (1.0 - 1e-9);
    let may_be = (LEVEL * (ORDERS + 1) as f64) as usize - 1;
    let mut by_chance = 0;
    for _ in 0..ORDERS {
        shuffle(&mut values, fill);
        by_chance += usize::from(self::best(&values, &stretches, &mut sums).is_some_and(|it| it.clarity >= as_good));
        // What is certain by now needs no more orders (J. Besag and P. Clifford, Biometrika 78, 1991).
        if by_chance > may_be {
            return None;
        }
    }
    Some(best.at)
}

/// How many places there are at which so many values can be split.
pub(super) fn places(length: usize) -> usize {
    (length + 1).saturating_sub(2 * FEWEST)
}

struct Best {
    at: usize,
    /// The square of the difference of the means, over what its variance is for values of variance 1. All orders of the values
    /// have one variance, so there is no need to divide by it.
    clarity: f64,
}

/// The clearest split within any of the stretches. Nothing where there is no difference.
fn best(centred: &[f64], stretches: &[Range<usize>], sums: &mut Vec<f64>) -> Option<Best> {
    sums.clear();
    sums.push(0.0);
    sums.extend(centred.iter().scan(0.0, |sum, value| {
        *sum += value;
        Some(*sum)
    }));
    let mut best = Best { at: 0, clarity: 0.0 };
    for stretch in stretches {
        let Some([first, .., last]) = sums.get(stretch.start..=stretch.end) else { continue };
        let length = stretch.len() as f64;
        let slope = (last - first) / length;
        let places = sums.iter().enumerate().take(stretch.end + 1 - FEWEST).skip(stretch.start + FEWEST);
        for (at, sum) in places {
            let before = (at - stretch.start) as f64;
            let excess = sum - first - slope * before;
            let clarity = excess * excess * length / (before * (length - before));
            if clarity > best.clarity {
                best = Best { at, clarity };
            }
        }
    }
    (best.clarity > 0.0 && best.clarity.is_finite()).then_some(best)
}

/// The whole and ever shorter stretches of it, each length spread evenly with more than half of each in the next, down to two
/// levels of the fewest points.
fn stretches(length: usize) -> Vec<Range<usize>> {
    if length < 2 * FEWEST {
        return Vec::new();
    }
    let whole = length as f64;
    let mut found: Vec<Range<usize>> = std::iter::once(0..length).collect();
    let mut part = whole * DECAY;
    while part >= (2 * FEWEST) as f64 {
        let steps = 2 * (whole / part).ceil() as usize - 2;
        let step = (whole - part) / steps as f64;
        found.extend((0..=steps).map(|i| {
            let start = i as f64 * step;
            start.floor() as usize..((start + part).ceil() as usize).min(length)
        }));
        part *= DECAY;
    }
    found
}

/// A random order of the values, each as likely (R. Durstenfeld, Communications of the ACM 7, 1964).
fn shuffle(values: &mut [f64], fill: &mut Fill) {
    for last in (1..values.len()).rev() {
        values.swap(last, fill.below(last + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_few_are_drawn_in_as_leave_a_level() {
        let values: Vec<f64> = (0..10).map(f64::from).collect();
        assert_eq!(winsorised(&values), [1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 8.0]);
        assert_eq!(winsorised(&[9.0, 0.0, 1.0, 2.0, -5.0]), [2.0, 0.0, 1.0, 2.0, 0.0], "in their places");
        let mut long = vec![0.0; 95];
        long.extend([1.0; 5]);
        assert_eq!(winsorised(&long), long, "five of a hundred are a level");
        long.extend([0.0; 100]);
        long[97] = 0.0;
        assert_eq!(winsorised(&long), [0.0; 200], "four are not");
    }

    #[test]
    fn the_clearest_split_is_that_of_the_means() {
        // By its definition, with the whole alone.
        let values = [3.0, -1.0, 0.5, 2.0, 1.0, 0.0, -2.0, 1.5, -3.0, -1.0, -0.5, -0.5];
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
        let clarity = |at: usize| {
            let (before, after) = values.split_at(at);
            (mean(before) - mean(after)).powi(2) / (1.0 / before.len() as f64 + 1.0 / after.len() as f64)
        };
        let at = (5..=7).max_by(|a, b| clarity(*a).total_cmp(&clarity(*b))).unwrap();
        let best = best(&values, std::slice::from_ref(&(0..12)), &mut Vec::new()).unwrap();
        assert_eq!(best.at, at);
        assert!((best.clarity - clarity(at)).abs() < 1e-12);
    }

    #[test]
    fn stretches_cover_all_and_hold_two_levels() {
        for length in 0..300 {
            let stretches = stretches(length);
            assert_eq!(stretches.is_empty(), length < 10);
            assert!(stretches.iter().all(|stretch| stretch.len() >= 10 && stretch.end <= length), "{length}");
            assert!(stretches.len() <= 8 * length, "{length}: {}", stretches.len());
            let ends = stretches.iter().filter(|stretch| stretch.end == length).count();
            let starts = stretches.iter().filter(|stretch| stretch.start == 0).count();
            assert!(ends >= starts && starts * 2 >= (length / 10).checked_ilog2().unwrap_or(0) as usize, "{length}");
        }
        assert_eq!(places(9), 0);
        assert_eq!([places(10), places(12)], [1, 3]);
    }

    #[test]
    fn every_order_is_as_likely() {
        let mut fill = Fill::new(1, "orders");
        let mut seen = std::collections::BTreeMap::new();
        for _ in 0..6000 {
            let mut values = [0.0, 1.0, 2.0];
            shuffle(&mut values, &mut fill);
            *seen.entry(values.map(|value| value as u8)).or_insert(0) += 1;
        }
        assert!(seen.len() == 6 && seen.values().all(|&count| (870..1130).contains(&count)), "{seen:?}");
    }
}
