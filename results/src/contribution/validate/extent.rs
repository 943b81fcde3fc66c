//! Whether a run is whole, and each of its times from enough launches. A run that its budget ended is taken with fewer, and labelled.

use super::Rule;
use super::finding::{Findings, Level, Tally};
use super::read::Contributed;
use crate::cells::CellResult;
use crate::stats::bootstrap::FEWEST;
use chipmark_core::Outcome;

/// The fewest launches of a cell that has a time, of a run that came to its end; those that came to nothing count with them.
pub const LEAST_LAUNCHES: usize = 12;

/// The fewest measured launches of a cell that has a time, of any run: below, there is no interval.
pub const LEAST_LAUNCHES_IN_BUDGET: usize = FEWEST;

/// The fewest samples of a launch, unless it says itself that fewer fitted into its time.
pub const LEAST_SAMPLES: usize = 15;

pub(super) fn check(read: &Contributed, rows: &[CellResult], findings: &mut Findings) {
    let file = &read.file;
    let Some(end) = file.ends.last().filter(|_| read.ends_with_end) else {
        let what = "it has no end: the run was killed, or the file cut; go on with it by `bench run --resume`";
        findings.error(Rule::Complete, None, what);
        return;
    };
    let least = match (end.complete, file.run.settings.budget_s) {
        (true, _) => LEAST_LAUNCHES,
        (false, Some(_)) => {
            let not_reached = rows.iter().filter(|row| row.outcome == Outcome::OverBudget).count();
            let what = match not_reached {
                0 => "its budget ended the run before all its cells were known as well as was asked for".to_owned(),
                some => format!("its budget ended the run; {some} of {} cells were not reached", rows.len()),
            };
            findings.label(Rule::Budget, &what);
            LEAST_LAUNCHES_IN_BUDGET
        }
        (false, None) => {
            let what = "the run did not come to its end, and had no budget; go on with it by `bench run --resume`";
            findings.error(Rule::Complete, read.lines.ends.last().copied(), what);
            return;
        }
    };
    let timed = || rows.iter().filter_map(|row| Some((row, row.estimate.as_ref()?)));
    if timed().next().is_none() {
        findings.error(Rule::Launches, None, "no cell has a time");
    }
    let mut few = Tally::default();
    for (row, estimate) in timed() {
        let tried = estimate.launches + row.failed_launches;
        if tried < least || estimate.launches < LEAST_LAUNCHES_IN_BUDGET {
            few.add(None, || {
                let measured = estimate.launches;
                format!("{} has {measured} launches of at least {least}", row.cell)
            });
        }
    }
    few.tell(findings, Level::Error, Rule::Launches, "cells");
}
