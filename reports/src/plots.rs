//! Charts of results files: what of them is shown, and the data of each chart gathered from a report. A chart says in one line what
//! there is to choose from where what was asked for is not there, or is too much.

mod history;
mod naming;
mod ratios;
mod roofline;
mod sides;
mod tables;
#[cfg(test)]
mod tests;

pub(crate) use history::course;
pub use history::history;
pub(crate) use roofline::roofs;

use crate::model::{CaseRow, CellView, RunReport, WorkloadGroup};
use crate::svg::{self, Chart};
use crate::text::clean;
use crate::{Report, ReportError};
use chipmark_core::{CaseId, DType, Device, Mode, Target};
use chipmark_results::ceiling::Place;
use chipmark_results::store::ResultsFile;
use std::collections::BTreeSet;
use std::fmt;

/// A chart of one or several results files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Bars of the times of one workload, of one file.
    Bars,
    /// Cases by targets, of any number of files.
    HeatMap,
    /// What was reached under what the device can do, of one file.
    Roofline,
    /// Each launch, of any number of files.
    Strip,
    /// The same over the median of its cell.
    RelativeStrip,
    /// Speed-ups over a base: of targets of one file, or of the files after the first over the first.
    RatioBars,
    /// The times of two files, or of two targets of one.
    Scatter,
    /// What transfer costs, of one file.
    Stages,
}

/// What is asked of a chart.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// The mode; stages have their own.
    pub mode: Mode,
    /// The workload, where only one.
    pub workload: Option<&'a str>,
    /// Which cases.
    pub case: &'a dyn Fn(&CaseId) -> bool,
    /// The hardware: every device that is the same stands for it.
    pub device: Option<Device>,
    /// The dtype, where only one.
    pub dtype: Option<DType>,
    /// The targets; all where there are none.
    pub targets: &'a [Target],
}

/// Why there is no chart.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// What was asked for is not there.
    #[error("{file}: there is no {what} {asked}; there is {there}")]
    NotThere {
        /// The results file.
        file: String,
        /// Such as `workload`.
        what: &'static str,
        /// What was asked for.
        asked: String,
        /// What there is.
        there: List,
    },
    /// Too much was asked for.
    #[error("{chart} shows one {what}: choose it with {option}; there is {there}")]
    Several {
        /// The chart, as a subject.
        chart: &'static str,
        /// Such as `workload`.
        what: &'static str,
        /// The option that chooses.
        option: &'static str,
        /// What there is.
        there: List,
    },
    /// The files are too few or too many, or what they hold is of another kind.
    #[error("{0}")]
    Unfit(String),
    /// No cell of those asked for has what the chart shows.
    #[error("nothing to draw: {0}")]
    Nothing(String),
    /// The chart could not be drawn.
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// What there is to choose from, in a line that is not endless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List(Vec<String>);

impl List {
    /// The most that is listed.
    const MOST: usize = 24;

    fn of<T: ToString>(all: impl IntoIterator<Item = T>) -> Self {
        let mut list: Vec<String> = Vec::new();
        for one in all.into_iter().map(|one| clean(&one.to_string())) {
            if !list.contains(&one) {
                list.push(one);
            }
        }
        List(list)
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<&str> = self.0.iter().take(List::MOST).map(String::as_str).collect();
        f.write_str(if shown.is_empty() { "none" } else { "" })?;
        f.write_str(&shown.join(", "))?;
        match self.0.len().saturating_sub(List::MOST) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl Wanted<'_> {
    /// Leaves of a file only what is asked for, in these modes, so that what is computed of it, such as who is the fastest, is of
    /// that alone.
    fn narrow(&self, file: &mut ResultsFile, modes: &[Mode]) -> Result<(), PlotError> {
        let name = clean(&file.path.display().to_string());
        let not_there =
            |what, asked: String, there| Err(PlotError::NotThere { file: name.clone(), what, asked, there });
        let run = &mut file.run;
        for target in self.targets {
            if !run.targets.iter().any(|info| info.target == *target) {
                let there = List::of(run.targets.iter().map(|info| &info.target));
                return not_there("target", target.to_string(), there);
            }
        }
        if !self.targets.is_empty() {
            run.targets.retain(|info| self.targets.contains(&info.target));
            // The order in which they are named is the order in which they are shown.
            run.targets.sort_by_key(|info| self.targets.iter().position(|target| *target == info.target));
        }
        if let Some(device) = self.device {
            let there = List::of(run.targets.iter().map(|info| info.target.device));
            run.targets.retain(|info| is_same_hardware(info.target.device, device));
            if run.targets.is_empty() {
                return not_there("device", device.to_string(), there);
            }
        }
        let there = List::of(run.cases.iter().flat_map(|planned| &planned.modes));
        run.cases.iter_mut().for_each(|planned| planned.modes.retain(|mode| modes.contains(mode)));
        run.cases.retain(|planned| planned.modes.iter().any(|mode| modes.first() == Some(mode)));
        if run.cases.is_empty() {
            let asked = modes.first().map(ToString::to_string).unwrap_or_default();
            return not_there("cell in mode", asked, there);
        }
        if let Some(workload) = self.workload {
            let there = List::of(run.cases.iter().map(|planned| &planned.case.workload));
            run.cases.retain(|planned| planned.case.workload == workload);
            if run.cases.is_empty() {
                return not_there("workload", workload.to_owned(), there);
            }
        }
        if let Some(dtype) = self.dtype {
            let there = List::of(run.cases.iter().map(|planned| planned.case.dtype));
            run.cases.retain(|planned| planned.case.dtype == dtype);
            if run.cases.is_empty() {
                return not_there("case in", dtype.to_string(), there);
            }
        }
        let there = List::of(run.cases.iter().map(|planned| &planned.case));
        run.cases.retain(|planned| (self.case)(&planned.case));
        if run.cases.is_empty() {
            return not_there("case", "that --case matches".to_owned(), there);
        }
        Ok(())
    }
}

/// Draws a chart of results files.
///
/// # Errors
/// One line: what there is to choose from, or what the chart needs and the files have not.
pub fn plot(kind: Kind, mut files: Vec<ResultsFile>, wanted: &Wanted<'_>) -> Result<Chart, PlotError> {
    let modes = match kind {
        Kind::Stages => &[Mode::Transfer, Mode::Latency][..],
        _ => &[wanted.mode][..],
    };
    for file in &mut files {
        wanted.narrow(file, modes)?;
    }
    let report = Report::new(&files);
    drop(files);
    let chart = match kind {
        Kind::Bars => bars(only(&report, "a chart of bars")?)?,
        Kind::HeatMap => svg::heat_map(&tables::heat_map(&report))?,
        Kind::Roofline => svg::roofline(&roofline::roofline(only(&report, "a roofline")?)?)?,
        Kind::Strip => svg::strip(&tables::strip(&report))?,
        Kind::RelativeStrip => svg::relative_strip(&tables::strip(&report))?,
        Kind::RatioBars => svg::ratio_bars(&ratios::ratio_bars(&report)?)?,
        Kind::Scatter => svg::scatter(&sides::scatter(&report)?)?,
        Kind::Stages => svg::stages(&tables::stages(only(&report, "a chart of stages")?))?,
    };
    chart.ok_or_else(|| PlotError::Nothing("no cell of those asked for has a time".to_owned()))
}

fn bars(run: &RunReport) -> Result<Option<Chart>, PlotError> {
    let workloads: Vec<&WorkloadGroup> = run.modes.iter().flat_map(|group| &group.workloads).collect();
    let [workload] = workloads.as_slice() else {
        let there = List::of(workloads.iter().map(|group| &group.workload));
        return Err(PlotError::Several { chart: "a chart of bars", what: "workload", option: "--workload", there });
    };
    let targets: Vec<Target> = run.run.targets.iter().map(|info| info.target.clone()).collect();
    let chart = svg::bars(workload, &targets)?;
    let title = format!("{}, on {}", naming::Naming::of([run]).of_all(), crate::words::chip(&run.run.machine));
    Ok(chart.map(|chart| Chart { title, ..chart }))
}

/// The one run of a chart that shows one.
fn only<'a>(report: &'a Report, chart: &str) -> Result<&'a RunReport, PlotError> {
    match report.runs.as_slice() {
        [run] => Ok(run),
        runs => Err(PlotError::Unfit(format!("{chart} shows one results file, and {} were given", runs.len()))),
    }
}

/// Every case of a run with its mode and its cells.
fn cases(run: &RunReport) -> impl Iterator<Item = (Mode, &CaseRow)> {
    run.modes.iter().flat_map(|group| {
        let cases = group.workloads.iter().flat_map(|workload| &workload.cases);
        cases.map(move |case| (group.mode, case))
    })
}

/// The time of a cell in ns where it may be compared with others: not what is f32 in name and TF32 in error.
fn comparable_ns(cell: &CellView) -> Option<f64> {
    cell.result.comparable().map(|estimate| estimate.median_ns)
}

/// The targets of runs, each once, in the order in which they come.
fn targets<'a>(runs: impl IntoIterator<Item = &'a RunReport>) -> Vec<&'a Target> {
    let mut seen = BTreeSet::new();
    let all = runs.into_iter().flat_map(|run| run.run.targets.iter().map(|info| &info.target));
    all.filter(|target| seen.insert(*target)).collect()
}

/// Whether two devices are the same hardware under two frameworks' names, as `metal` and `mps` are.
#[must_use]
pub fn is_same_hardware(a: Device, b: Device) -> bool {
    Place::of(a) == Place::of(b)
}
