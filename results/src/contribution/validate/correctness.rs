//! Whether what has a time was checked and was right, by a bound no larger than this program's own.

use super::finding::{Findings, Level, Tally};
use super::read::Contributed;
use super::{Catalogue, Rule};
use crate::record::{Check, CheckedShape};
use chipmark_core::{CaseId, Outcome, Target};
use std::collections::{HashMap, HashSet};

/// How far a bound may be off for being computed on another machine.
const ROUNDING: f64 = 1e-9;

pub(super) fn check(read: &Contributed, catalogue: &dyn Catalogue, findings: &mut Findings) {
    let file = &read.file;
    // A resumed run may check anew: the last check stands.
    let checks: HashMap<(&CaseId, &Target), (&Check, u64)> = file
        .checks
        .iter()
        .zip(&read.lines.checks)
        .map(|(check, &line)| ((&check.case, &check.target), (check, line)))
        .collect();
    let computes: HashSet<&Target> =
        file.run.targets.iter().filter(|info| info.arithmetic).map(|info| &info.target).collect();
    let (mut unchecked, mut loose) = (Tally::default(), Tally::default());
    let mut seen = HashSet::new();
    for (launch, &line) in file.launches.iter().zip(&read.lines.launches) {
        let key = (&launch.cell.case, &launch.cell.target);
        let (case, target) = key;
        if launch.samples.is_none() || !computes.contains(target) || !seen.insert(key) {
            continue;
        }
        let Some((check, checked_line)) = checks.get(&key) else {
            unchecked.add(Some(line), || format!("{target} {case} was timed and never checked"));
            continue;
        };
        if let Some(why) = not_right(check, catalogue) {
            unchecked.add(Some(*checked_line), || format!("{target} {case} was timed, and {why}"));
        } else if let Some(why) = check.comparisons.iter().find_map(|checked| too_loose(check, checked, catalogue)) {
            loose.add(Some(*checked_line), || format!("{target} {case}: {why}"));
        }
    }
    unchecked.tell(findings, Level::Error, Rule::Check, "cells");
    loose.tell(findings, Level::Error, Rule::Tolerance, "cells");
}

/// Why a check does not say that a case is right there.
fn not_right(check: &Check, catalogue: &dyn Catalogue) -> Option<String> {
    if check.outcome != Outcome::Ok {
        return Some(format!("its check came out {}", check.outcome));
    }
    if check.comparisons.is_empty() {
        return Some("its check compared nothing".to_owned());
    }
    let reduced = catalogue.case(&check.case).map(|facts| facts.reduced);
    check.comparisons.iter().find_map(|CheckedShape { case, comparison, .. }| {
        if !comparison.passes() {
            return Some(format!("its check is off by {:e}, allowed is {:e}", comparison.error, comparison.bound));
        }
        let is_of_case = *case == check.case || reduced.as_ref().is_none_or(|reduced| reduced == case);
        (!is_of_case).then(|| format!("its check compared another case, {case}"))
    })
}

/// What a comparison allows that this program would not.
fn too_loose(check: &Check, checked: &CheckedShape, catalogue: &dyn Catalogue) -> Option<String> {
    let most = catalogue.largest_bound(&checked.case, checked.against, check.tf32)?;
    let bound = checked.comparison.bound;
    (bound > most * (1.0 + ROUNDING)).then(|| format!("its check allows {bound:e}, where {most:e} is right"))
}
