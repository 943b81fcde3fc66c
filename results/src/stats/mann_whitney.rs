//! The exact Mann–Whitney test of two groups: if both come from one source, each way of drawing the first group out of all
//! the values is as likely (H. B. Mann and D. R. Whitney, Annals of Mathematical Statistics 18, 1947; ties as in E. L.
//! Lehmann, Nonparametrics, 1975, §1.4).

use std::collections::HashMap;
use std::rc::Rc;

/// The most values in a group.
pub const MOST: usize = 60;

/// The test, with the distributions that many pairs of groups have in common.
#[derive(Debug, Default)]
pub struct MannWhitney {
    untied: HashMap<(usize, usize), Rc<Vec<f64>>>,
}

/// The two-sided p-value of one pair of groups; see [`MannWhitney::p_value`].
#[must_use]
pub fn p_value(a: &[f64], b: &[f64]) -> Option<f64> {
    MannWhitney::default().p_value(a, b)
}

impl MannWhitney {
    /// The two-sided p-value: the share of all ways of drawing the first group whose sum of ranks is at least as far from its
    /// mean as the one found; equal values share the mean of their ranks. Nothing for an empty group, one of more than
    /// [`MOST`], or what is no finite number.
    pub fn p_value(&mut self, a: &[f64], b: &[f64]) -> Option<f64> {
        let sizes = 1..=MOST;
        let finite = a.iter().chain(b).all(|value| value.is_finite());
        if !finite || !sizes.contains(&a.len()) || !sizes.contains(&b.len()) {
            return None;
        }
        let (ranks, tied) = doubled_ranks(a, b);
        let found: usize = ranks.get(..a.len())?.iter().sum();
        let shares = if tied {
            Rc::new(distribution(a.len(), &ranks))
        } else {
            let untied = || Rc::new(distribution(a.len(), &(1..=ranks.len()).map(|rank| 2 * rank).collect::<Vec<_>>()));
            Rc::clone(self.untied.entry((a.len(), b.len())).or_insert_with(untied))
        };
        let mean = a.len() * (a.len() + b.len() + 1);
        let far = found.abs_diff(mean);
        let far_off = shares.iter().enumerate().filter(|(sum, _)| sum.abs_diff(mean) >= far);
        Some(far_off.map(|(_, share)| share).sum::<f64>().min(1.0))
    }
}

/// Twice the rank of each value among all, those of `a` first, and whether any are equal. Doubled, the mean of equal values'
/// ranks is a whole number.
fn doubled_ranks(a: &[f64], b: &[f64]) -> (Vec<usize>, bool) {
    let mut order: Vec<(usize, f64)> = a.iter().chain(b).copied().enumerate().collect();
    order.sort_by(|x, y| x.1.total_cmp(&y.1));
    let mut ranks = vec![0; order.len()];
    let mut tied = false;
    let mut before = 0;
    for equal in order.chunk_by(|x, y| x.1 == y.1) {
        tied |= equal.len() > 1;
        for (at, _) in equal {
            if let Some(rank) = ranks.get_mut(*at) {
                *rank = 2 * before + equal.len() + 1;
            }
        }
        before += equal.len();
    }
    (ranks, tied)
}

/// The share of all ways of drawing `size` of the ranks that have each sum.
///
/// Ties make this distribution each cell's own, and on a coarse clock ties are common: so only those sums are gone through
/// that can be reached, and only those draws that can still become `size`.
fn distribution(size: usize, ranks: &[usize]) -> Vec<f64> {
    let mut sorted = ranks.to_vec();
    sorted.sort_unstable();
    let sum_to: Vec<usize> = std::iter::once(0)
        .chain(sorted.iter().scan(0, |sum, rank| {
            *sum += rank;
            Some(*sum)
        }))
        .collect();
    let sum = |from: usize, to: usize| sum_to.get(to).zip(sum_to.get(from)).map_or(0, |(to, from)| to - from);
    let most = sum(sorted.len().saturating_sub(size), sorted.len());
    // ways[k][s]: the share of ways to draw k of the ranks so far with the sum s, out of all ways to draw `size` of all.
    let mut ways = vec![vec![0.0f64; most + 1]; size + 1];
    if let Some(none) = ways.first_mut().and_then(|sums| sums.first_mut()) {
        *none = 1.0;
    }
    for (seen, &rank) in sorted.iter().enumerate() {
        let left = sorted.len() - seen - 1;
        for k in (size.saturating_sub(left).max(1)..=size.min(seen + 1)).rev() {
            // What one draw fewer adds up to: the lowest and the highest ranks seen before this one.
            let (lowest, highest) = (sum(0, k - 1), sum(seen + 1 - k, seen));
            let (fewer, more) = ways.split_at_mut(k);
            let fewer = fewer.last().and_then(|sums| sums.get(lowest..=highest));
            let more = more.first_mut().and_then(|sums| sums.get_mut(lowest + rank..=highest + rank));
            for (sum, ways) in more.into_iter().flatten().zip(fewer.into_iter().flatten()) {
                *sum += ways;
            }
        }
    }
    let counts = ways.pop().unwrap_or_default();
    let all: f64 = counts.iter().sum();
    counts.into_iter().map(|count| count / all).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By drawing each group.
    fn one_by_one(a: &[f64], b: &[f64]) -> f64 {
        let all: Vec<f64> = a.iter().chain(b).copied().collect();
        let rank = |value: f64| {
            let below = all.iter().filter(|other| **other < value).count();
            let equal = all.iter().filter(|other| **other == value).count();
            below as f64 + (equal as f64 + 1.0) / 2.0
        };
        let mean = a.len() as f64 * (all.len() as f64 + 1.0) / 2.0;
        let found = (a.iter().map(|value| rank(*value)).sum::<f64>() - mean).abs();
        let (mut far, mut ways) = (0, 0);
        for choice in 0u32..1 << all.len() {
            if choice.count_ones() as usize == a.len() {
                let drawn = all.iter().enumerate().filter(|(i, _)| choice >> i & 1 == 1).map(|(_, value)| rank(*value));
                ways += 1;
                far += usize::from((drawn.sum::<f64>() - mean).abs() >= found - 1e-9);
            }
        }
        f64::from(u32::try_from(far).unwrap()) / f64::from(ways)
    }

    #[test]
    fn apart_is_the_rarest() {
        let group = |from: usize, n: usize| (from..from + n).map(|x| x as f64).collect::<Vec<_>>();
        assert!((p_value(&group(0, 3), &group(10, 3)).unwrap() - 0.1).abs() < 1e-15, "2 of 20 ways");
        assert!((p_value(&group(10, 8), &group(0, 8)).unwrap() - 2.0 / 12_870.0).abs() < 1e-15);
        let p = p_value(&group(0, MOST), &group(100, MOST)).unwrap();
        assert!(p > 0.0 && p < 1e-34, "{p}: 2 of 9.7e34 ways");
    }

    #[test]
    fn critical_values_of_the_tables() {
        // The largest U with p ≤ 5 %, two-sided: D. Auble, Bulletin of the Institute of Educational Research, Indiana
        // University 1, 1953, as in any table of the test.
        for (m, n, critical) in
            [(4, 4, 0), (5, 5, 2), (8, 8, 13), (10, 10, 23), (8, 10, 17), (10, 20, 55), (20, 20, 127)]
        {
            let p = |u| p_value(&with_u(u, m, n), &(1..=n).map(|b| b as f64).collect::<Vec<_>>()).unwrap();
            assert!(p(critical) <= 0.05 && p(critical + 1) > 0.05, "{m} and {n}: {} {}", p(critical), p(critical + 1));
        }
    }

    /// A group of `m` beside the numbers 1 to `n`, in which `u` pairs have the larger value on its side.
    fn with_u(u: usize, m: usize, n: usize) -> Vec<f64> {
        let mut left = u;
        let group = (0..m).map(|i| {
            let passed = left.min(n);
            left -= passed;
            passed as f64 + 0.5 - i as f64 / 1000.0
        });
        group.collect()
    }

    #[test]
    fn nothing_to_say() {
        assert_eq!(p_value(&[], &[1.0]), None);
        assert_eq!(p_value(&[1.0], &[f64::NAN]), None);
        assert_eq!(p_value(&[f64::NEG_INFINITY], &[1.0]), None);
        assert_eq!(p_value(&[1.0; MOST + 1], &[1.0]), None);
        assert_eq!(p_value(&[1.0; 4], &[1.0; 5]), Some(1.0));
    }

    proptest! {
        #[test]
        fn it_is_what_drawing_all_gives(
            most in prop::sample::select(vec![2u8, 6, 255]),
            a in prop::collection::vec(any::<u8>(), 1..7),
            b in prop::collection::vec(any::<u8>(), 1..7),
        ) {
            let of = |group: Vec<u8>| group.into_iter().map(|value| value % most).collect::<Vec<_>>();
            let (a, b) = (of(a), of(b));
            let float = |group: Vec<u8>| group.into_iter().map(f64::from).collect::<Vec<_>>();
            let (a, b) = (float(a), float(b));
            let found = p_value(&a, &b).unwrap();
            prop_assert!((found - one_by_one(&a, &b)).abs() < 1e-12, "{found}");
        }

        #[test]
        fn the_sides_can_change_places(
            a in prop::collection::vec(-1.0f64..1.0, 1..20),
            b in prop::collection::vec(-1.0f64..1.0, 1..20),
        ) {
            let mut test = MannWhitney::default();
            let (there, back) = (test.p_value(&a, &b).unwrap(), test.p_value(&b, &a).unwrap());
            prop_assert!((there - back).abs() < 1e-9 && there > 0.0 && there <= 1.0, "{there} {back}");
            prop_assert_eq!(test.p_value(&a, &b), p_value(&a, &b), "what is kept from before is the same");
        }
    }
}
