//! Speed-ups: of the targets of a run over the first of them, or of later runs over the first on the same targets.

use super::naming::{self, Naming};
use super::{List, PlotError, cases, targets};
use crate::Report;
use crate::model::RunReport;
use crate::svg::{Mark, Marks, RatioBar, RatioBars, RatioRow};
use crate::words;
use chipmark_core::{CaseId, Target};
use chipmark_results::cells::CellResult;
use chipmark_results::speedup::{Speedup, speedup};

/// The seed of the intervals: a chart made again is the same.
const SEED: u64 = 1;

pub(super) fn ratio_bars(report: &Report) -> Result<RatioBars, PlotError> {
    match report.runs.as_slice() {
        [run] => of_targets(run),
        [base, others @ ..] => Ok(of_runs(report, base, others)),
        [] => Err(PlotError::Unfit("a chart of speed-ups needs a results file".to_owned())),
    }
}

fn of_targets(run: &RunReport) -> Result<RatioBars, PlotError> {
    let all = targets([run]);
    let [base, others @ ..] = all.as_slice() else { return Err(too_few(run)) };
    let naming = Naming::of([run]);
    let over =
        |target: &Target, of: &dyn Fn(&CaseId) -> bool| speedup(cells(run, base, of), cells(run, target, of), SEED);
    let (mut rows, mut of) = (Vec::new(), String::new());
    match others {
        [] => return Err(too_few(run)),
        [target] => {
            let mut workloads: Vec<&str> = cases(run).map(|(_, case)| case.case.workload.as_str()).collect();
            workloads.sort_unstable();
            workloads.dedup();
            of = format!(" of {target}");
            rows.push(row("all cases".to_owned(), 1, over(target, &|_| true)));
            if workloads.len() > 1 {
                rows.extend(
                    workloads.iter().map(|workload| {
                        row((*workload).to_owned(), 1, over(target, &|case| case.workload == *workload))
                    }),
                );
            }
        }
        others => {
            rows.extend((1..).zip(others).map(|(at, target)| row(target.to_string(), at, over(target, &|_| true))));
        }
    }
    Ok(RatioBars {
        title: format!("Speed-up{of} over {base}: {}, on {}", naming.of_all(), words::chip(&run.run.machine)),
        base: base.to_string(),
        rows,
    })
}

fn of_runs(report: &Report, base: &RunReport, others: &[RunReport]) -> RatioBars {
    let (naming, names) = (Naming::of(&report.runs), naming::runs(&report.runs));
    let all = targets(&report.runs);
    let base_name = names.first().cloned().unwrap_or_default();
    let mut rows = Vec::new();
    for (run, name) in others.iter().zip(names.iter().skip(1)) {
        for target in targets([run]).into_iter().filter(|target| targets([base]).contains(target)) {
            let series = all.iter().position(|other| *other == target).unwrap_or(0);
            let found = speedup(cells(base, target, &|_| true), cells(run, target, &|_| true), SEED);
            rows.push(row(format!("{name} {target}"), series, found));
        }
    }
    RatioBars { title: format!("Speed-up over {base_name}: {}", naming.of_all()), base: base_name, rows }
}

fn cells<'a>(run: &'a RunReport, target: &Target, of: &dyn Fn(&CaseId) -> bool) -> Vec<&'a CellResult> {
    let wanted = cases(run).filter(|(_, case)| of(&case.case)).flat_map(|(_, case)| &case.cells);
    wanted.map(|cell| &cell.result).filter(|result| result.cell.target == *target).collect()
}

fn row(label: String, series: usize, found: Option<Speedup>) -> RatioRow {
    let is_flagged = found.is_some_and(|found| found.flagged > 0);
    let ratio = found.map(|found| RatioBar {
        ratio: found.ratio,
        interval: found.interval.map(|interval| (interval.low, interval.high)),
        cases: found.cases,
    });
    RatioRow {
        label,
        series,
        ratio: ratio.ok_or_else(|| "no case has a time on both sides".to_owned()),
        marks: if is_flagged { Mark::Doubtful.into() } else { Marks::PLAIN },
    }
}

fn too_few(run: &RunReport) -> PlotError {
    let there = List::of(run.run.targets.iter().map(|info| &info.target));
    PlotError::Unfit(format!("speed-ups are of two targets or more, or of two files; there is {there}"))
}
