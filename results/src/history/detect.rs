//! Shifts in many series at once: candidates by cutting in two again and again, confirmed by another test, screened over all
//! series, and kept where they are large enough to matter.

use super::split::{FEWEST, candidate, places, winsorised};
use crate::stats::mann_whitney::MannWhitney;
use crate::stats::multiple::benjamini_hochberg;
use crate::stats::summary::mean;
use chipmark_core::Fill;
use std::ops::Range;

/// A series of fewer points is not judged.
pub const SHORT: usize = 2 * FEWEST;

/// The expected share of false ones among the shifts that are found, at most.
pub const FALSE_SHARE: f64 = 0.05;

/// The most points on each side of a split that the second test looks at: what is further back says less about a change here.
const NEAR: usize = 20;

/// The seed of the random orders. Together with a series' name it makes them the same each time.
const SEED: u64 = 1;

/// What is judged.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Values {
    /// A name that no other series has.
    pub name: String,
    /// The logarithms of its times.
    pub logarithms: Vec<f64>,
}

/// Where a level changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Change {
    /// The place of the first value of the new level.
    pub at: usize,
    /// The mean logarithm of the level before, winsorised, and how many values it has.
    pub before: (f64, usize),
    /// The same of the level from there on.
    pub after: (f64, usize),
    /// The p-value, adjusted.
    pub p: f64,
}

/// The changes of at least `threshold`, as a share, in each series.
pub(super) fn shifts(series: &[Values], threshold: f64) -> Vec<Vec<Change>> {
    let mut test = MannWhitney::default();
    let tested: Vec<Vec<(usize, f64)>> = series.iter().map(|values| confirmed(values, &mut test)).collect();
    // A series in which nothing was found is one that was looked at.
    let mut all: Vec<f64> = tested.iter().flatten().map(|(_, p)| *p).collect();
    let nothing =
        series.iter().zip(&tested).filter(|(values, found)| found.is_empty() && values.logarithms.len() >= SHORT);
    all.resize(all.len() + nothing.count(), 1.0);
    let mut adjusted = benjamini_hochberg(&all).into_iter();
    let screened = tested.into_iter().zip(series).map(|(found, values)| {
        let found = found.into_iter().zip(adjusted.by_ref()).map(|((at, _), p)| (at, p));
        let sure: Vec<(usize, f64)> = found.filter(|(_, p)| *p <= FALSE_SHARE).collect();
        large(&values.logarithms, sure, threshold.max(0.0).ln_1p())
    });
    screened.collect()
}

/// The candidates of a series, each with the p-value of the second test.
///
/// The place was chosen, so the p-value is multiplied by how many there were to choose from: by Bonferroni's inequality that holds
/// whatever the choice went by.
fn confirmed(values: &Values, test: &mut MannWhitney) -> Vec<(usize, f64)> {
    let all = &values.logarithms;
    if all.iter().any(|value| !value.is_finite()) {
        return Vec::new();
    }
    let found = candidates(values);
    let bounds: Vec<usize> =
        std::iter::once(0).chain(found.iter().map(|(at, _)| *at)).chain(std::iter::once(all.len())).collect();
    let tested = bounds.windows(3).zip(&found).filter_map(|(bounds, (at, chosen_from))| {
        let &[from, _, to] = bounds else { return None };
        let before = all.get(from.max(at.saturating_sub(NEAR))..*at)?;
        let after = all.get(*at..to.min(at + NEAR))?;
        Some((*at, (test.p_value(before, after)? * *chosen_from as f64).min(1.0)))
    });
    tested.collect()
}

/// The places where the series may be cut, in order, each with how many places it was chosen from.
fn candidates(values: &Values) -> Vec<(usize, usize)> {
    let mut fill = Fill::new(SEED, &values.name);
    let mut found = Vec::new();
    let mut open: Vec<Range<usize>> = std::iter::once(0..values.logarithms.len()).collect();
    while let Some(part) = open.pop() {
        let here = values.logarithms.get(part.clone()).unwrap_or_default();
        if here.len() >= SHORT
            && let Some(at) = candidate(here, &mut fill)
        {
            let at = part.start + at;
            found.push((at, places(here.len())));
            open.extend([at..part.end, part.start..at]);
        }
    }
    found.sort_unstable();
    found
}

/// The changes that are large enough. The smallest is given up first and its two levels become one, so that what creeps up
/// in small steps is seen once it has come far enough.
fn large(values: &[f64], mut sure: Vec<(usize, f64)>, least: f64) -> Vec<Change> {
    loop {
        let changes = changes(values, &sure);
        let size = |change: &Change| (change.after.0 - change.before.0).abs();
        let small = changes.iter().enumerate().filter(|(_, change)| size(change) < least);
        match small.min_by(|a, b| size(a.1).total_cmp(&size(b.1))) {
            Some((smallest, _)) => drop(sure.remove(smallest)),
            None => return changes,
        }
    }
}

/// The changes between the levels that the places make, as many as there are places.
fn changes(values: &[f64], sure: &[(usize, f64)]) -> Vec<Change> {
    let ends = sure.iter().map(|(at, _)| *at).chain(std::iter::once(values.len()));
    let levels: Vec<(f64, usize)> = ends
        .scan(0, |from, to| {
            let level = values.get(std::mem::replace(from, to)..to).unwrap_or_default();
            Some((mean(&winsorised(level)).unwrap_or_default(), level.len()))
        })
        .collect();
    let pairs = levels.iter().zip(levels.iter().skip(1)).zip(sure);
    pairs.map(|((&before, &after), &(at, p))| Change { at, before, after, p }).collect()
}

#[cfg(test)]
mod tests;
