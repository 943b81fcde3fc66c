//! How many times as fast one target is as another: the geometric mean over the cases that both have a time for, with an
//! interval.
//!
//! suite/docs/METHODOLOGY.md has the formula, and what the interval covers and what it doesn't. It is no statement about one case;
//! `compare` makes those.

use crate::cells::CellResult;
use crate::stats::bootstrap::mean_interval;
use crate::stats::{Interval, summary};
use chipmark_core::{CaseId, Mode};
use serde::Serialize;
use std::collections::BTreeMap;

/// How many times as fast a target is as the base.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Speedup {
    /// The geometric mean of the base's times over the target's: above 1, the target is the faster.
    pub ratio: f64,
    /// The 95% interval. Nothing from fewer than [`FEWEST`](crate::stats::bootstrap::FEWEST) cases, or from thousands.
    pub interval: Option<Interval>,
    /// How many cases both have a time for.
    pub cases: usize,
    /// The fewest launches that any of these times comes from.
    pub launches: usize,
    /// How many of these cases have a flag on one side or the other.
    pub flagged: usize,
}

/// The speed-up of `target` over `base`, over the cases that both have in the same mode. Left out is what has no time, as what is
/// wrong has none, and what is f32 in name and TF32 in error. Where a side has a case twice, the first counts. Nothing where no
/// case is common.
#[must_use]
pub fn speedup<'a>(
    base: impl IntoIterator<Item = &'a CellResult>,
    target: impl IntoIterator<Item = &'a CellResult>,
    seed: u64,
) -> Option<Speedup> {
    let (base, target) = (times(base), times(target));
    let common: Vec<(Time, Time)> = base.iter().filter_map(|(case, base)| Some((*base, *target.get(case)?))).collect();
    let logarithms: Vec<f64> = common.iter().map(|(base, target)| base.ns.ln() - target.ns.ln()).collect();
    let ratio = summary::mean(&logarithms)?.exp();
    let interval = mean_interval(&logarithms, seed);
    let interval = interval.map(|Interval { low, high }| Interval { low: low.exp(), high: high.exp() });
    Some(Speedup {
        ratio,
        interval,
        cases: common.len(),
        launches: common.iter().map(|(base, target)| base.launches.min(target.launches)).min()?,
        flagged: common.iter().filter(|(base, target)| base.is_flagged || target.is_flagged).count(),
    })
}

#[derive(Debug, Clone, Copy)]
struct Time {
    ns: f64,
    launches: usize,
    is_flagged: bool,
}

/// The times that may be compared, by what they are of.
fn times<'a>(cells: impl IntoIterator<Item = &'a CellResult>) -> BTreeMap<(&'a CaseId, Mode), Time> {
    let mut times = BTreeMap::new();
    for cell in cells {
        let Some(estimate) = cell.comparable() else { continue };
        let time = Time { ns: estimate.median_ns, launches: estimate.launches, is_flagged: !cell.flags.is_empty() };
        times.entry((&cell.cell.case, cell.cell.mode)).or_insert(time);
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::cells;
    use crate::fixture;
    use crate::record::Flag;
    use crate::stats::bootstrap::FEWEST;
    use proptest::prelude::*;

    /// Cells of one target in latency with these times in ns, on cases of the same names.
    fn side(target: &str, times_ns: &[f64]) -> Vec<CellResult> {
        let template = cells(&fixture::file()).into_iter().find(|cell| cell.estimate.is_some()).unwrap();
        let of = |(at, ns): (usize, &f64)| {
            let mut cell = template.clone();
            cell.cell = fixture::cell(&format!("softmax/8x{}/f32", at + 1), target, Mode::Latency);
            cell.flags.clear();
            cell.estimate.as_mut().unwrap().median_ns = *ns;
            cell
        };
        times_ns.iter().enumerate().map(of).collect()
    }

    #[test]
    fn the_mean_is_geometric_and_over_the_common_cases() {
        let (base, target) = (side("tch:cpu", &[100.0, 100.0, 7.0]), side("mlx:cpu", &[50.0, 12.5]));
        let found = speedup(&base, &target, 1).unwrap();
        // √(2 · 8) = 4.
        assert!((found.ratio - 4.0).abs() < 1e-12, "{found:?}");
        assert_eq!((found.cases, found.launches, found.flagged, found.interval), (2, 3, 0, None));
        assert_eq!(speedup(&base, &[], 1), None);
    }

    #[test]
    fn equal_ratios_have_an_interval_of_no_width() {
        let base = [100.0, 200.0, 300.0, 400.0, 500.0, 600.0];
        let found = speedup(&side("tch:cpu", &base), &side("mlx:cpu", &base.map(|ns| ns / 2.0)), 1).unwrap();
        let interval = found.interval.unwrap();
        assert!([found.ratio, interval.low, interval.high].iter().all(|ratio| (ratio - 2.0).abs() < 1e-9), "{found:?}");
    }

    #[test]
    fn what_may_not_be_compared_is_left_out() {
        let (base, mut target) = (side("tch:cpu", &[100.0; 4]), side("mlx:cpu", &[50.0; 4]));
        target[0].estimate = None;
        target[1].flags.insert(Flag::Tf32);
        target[2].flags.insert(Flag::Disturbed);
        target[3].cell.mode = Mode::Throughput;
        let found = speedup(&base, &target, 1).unwrap();
        assert_eq!((found.cases, found.flagged), (1, 1));
        // A case that stands there twice counts once.
        let twice: Vec<CellResult> = base.iter().chain(&side("tch:cpu", &[1.0; 4])).cloned().collect();
        assert_eq!(speedup(&twice, &target, 1), Some(found));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]
        #[test]
        fn swapping_the_sides_inverts(pairs in prop::collection::vec((1e-3..1e9f64, 1e-3..1e9f64), 1..40), seed in 0..9u64) {
            let (a, b): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let (a, b) = (side("tch:cpu", &a), side("mlx:cpu", &b));
            let (there, back) = (speedup(&a, &b, seed).unwrap(), speedup(&b, &a, seed).unwrap());
            let inverse = |x: f64, y: f64| (x * y - 1.0).abs() < 1e-9;
            prop_assert!(inverse(there.ratio, back.ratio), "{:?} {:?}", there, back);
            prop_assert_eq!(there.interval.is_some(), a.len() >= FEWEST);
            if let Some((there, back)) = there.interval.zip(back.interval) {
                prop_assert!(inverse(there.low, back.high) && inverse(there.high, back.low), "{:?} {:?}", there, back);
            }
            if let Some(Interval { low, high }) = there.interval {
                prop_assert!(low <= there.ratio && there.ratio <= high);
            }
        }
    }
}
