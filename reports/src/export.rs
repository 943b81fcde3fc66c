//! A run's times in the forms of services that draw them over the history of a project: each timed cell's estimate and the
//! range of its launches' medians. Cells without a time are left out, because these forms have no place for them.
//!
//! These services compare single numbers with a threshold; a verdict with its doubt is [`crate::comparison`]'s. With
//! nothing left out, and for whatever else can be asked of them, there are the raw samples as [`parquet`].

mod bencher;
mod github;
pub mod parquet;

pub use bencher::bencher;
pub use github::github_action_benchmark;

use crate::model::RunReport;
use chipmark_results::cells::CellResult;
use chipmark_results::estimate::Estimate;
use chipmark_results::record::TargetInfo;

/// The cells of a run that have a time, in the order of the report.
fn timed(run: &RunReport) -> impl Iterator<Item = (&CellResult, &Estimate, &TargetInfo)> {
    let cases = run.modes.iter().flat_map(|mode| &mode.workloads).flat_map(|workload| &workload.cases);
    let cells = cases.flat_map(|case| case.cells.iter().zip(&run.run.targets));
    cells.filter_map(|(view, info)| Some((&view.result, view.result.estimate.as_ref()?, info)))
}

#[cfg(test)]
mod tests;
