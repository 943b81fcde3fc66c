//! One page that needs nothing else: style and charts stand in it, and it reads without JavaScript. Everything from
//! results files is escaped by the template engine, or, in charts, by the drawing library.

use crate::model::{CaseRow, CellView, ModeGroup, Report, RunReport, WorkloadGroup};
use crate::site::{self, Columns, Row, Shell};
use crate::svg::{self, Chart};
use crate::{ReportError, units, words};
use askama::Template;
use chipmark_core::{MemoryUse, Mode, Outcome, Target};
use chipmark_results::ceiling::Shares;
use chipmark_results::chips::Statement;
use chipmark_results::contribution::Trust;
use chipmark_results::estimate::Estimate;
use chipmark_results::record::{Flag, TargetInfo};

/// The page of a report. Its size is that of its cells: about 5 kB for each.
///
/// # Errors
/// When a chart or the page cannot be rendered, which does not depend on what the results say.
pub fn page(report: &Report) -> Result<String, ReportError> {
    let runs = report.runs.iter().enumerate().map(|(at, run)| RunView::new(at, run)).collect::<Result<Vec<_>, _>>()?;
    let rows = site::all_rows(report);
    let (columns, caption) = (Columns::of(&rows).with_workload(), "All figures");
    let columns = if report.runs.len() > 1 { columns.with_machine() } else { columns };
    Ok(Page { shell: Shell::of_one_page(title(report)), runs, table_id: "all-figures", caption, columns, rows }
        .render()?)
}

fn title(report: &Report) -> String {
    if report.runs.is_empty() { "no runs".to_owned() } else { words::chips(&report.runs) }
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    shell: Shell,
    runs: Vec<RunView<'a>>,
    table_id: &'static str,
    caption: &'static str,
    columns: Columns,
    rows: Vec<Row>,
}

/// A run with its charts drawn.
pub(crate) struct RunView<'a> {
    /// Its number in the page, for the ids of its parts.
    pub(crate) at: usize,
    pub(crate) report: &'a RunReport,
    pub(crate) targets: Vec<TargetView<'a>>,
    pub(crate) modes: Vec<ModeView<'a>>,
}

pub(crate) struct TargetView<'a> {
    pub(crate) info: &'a TargetInfo,
    pub(crate) swatch: String,
}

pub(crate) struct ModeView<'a> {
    pub(crate) group: &'a ModeGroup,
    pub(crate) workloads: Vec<WorkloadView<'a>>,
}

pub(crate) struct WorkloadView<'a> {
    pub(crate) group: &'a WorkloadGroup,
    pub(crate) chart: Option<Chart>,
    /// How each target did the ops, each way once.
    pub(crate) paths: Vec<(&'a Target, Vec<String>)>,
}

impl<'a> RunView<'a> {
    pub(crate) fn new(at: usize, report: &'a RunReport) -> Result<Self, ReportError> {
        let names: Vec<Target> = report.run.targets.iter().map(|info| info.target.clone()).collect();
        let target = |(at, info)| Ok(TargetView { info, swatch: svg::swatch(at)? });
        let workload = |group: &'a WorkloadGroup| {
            Ok(WorkloadView { chart: svg::bars(group, &names)?, paths: paths(group), group })
        };
        let mode = |group: &'a ModeGroup| {
            let workloads = group.workloads.iter().map(workload).collect::<Result<_, ReportError>>()?;
            Ok(ModeView { group, workloads })
        };
        Ok(RunView {
            at,
            targets: report.run.targets.iter().enumerate().map(target).collect::<Result<_, ReportError>>()?,
            modes: report.modes.iter().map(mode).collect::<Result<_, ReportError>>()?,
            report,
        })
    }

    /// How far a contributed run is to be trusted, and what that rests on.
    pub(crate) fn trust(&self) -> Option<(Trust, String)> {
        words::trust(self.report)
    }

    /// The machine, name and value.
    pub(crate) fn facts(&self) -> Vec<(&'static str, String)> {
        let machine = &self.report.run.machine;
        let mut facts = Vec::new();
        let mut add = |name, value: Option<String>| {
            facts.extend(value.filter(|value| !value.trim().is_empty()).map(|value| (name, value)));
        };
        add("Chip", Some(words::chip(machine)));
        add("Cores", words::cores(machine));
        for gpu in &machine.gpus {
            add("GPU", Some(words::gpu(gpu)));
        }
        add("Memory", machine.memory_bytes.map(units::bytes));
        add("Last-level cache", machine.last_level_cache_bytes.map(units::bytes));
        add("System", Some(words::system(machine)));
        add("Kernel", machine.kernel.clone());
        facts
    }

    /// The machine's state before the first check, name and value.
    pub(crate) fn state(&self) -> Vec<(&'static str, String)> {
        words::state_facts(&self.report.run.state)
    }

    /// What the vendor says of the chip, each figure with the title and the address of its source, which is no link: a page asks
    /// nothing of the network.
    pub(crate) fn vendor(&self) -> Vec<(String, &'static str, &'static str)> {
        let address = |url: &'static str| url.split_once("://").map_or(url, |(_, address)| address);
        let of = |statement: &Statement| {
            let source = statement.source;
            (words::statement(statement), source.title.as_str(), source.url.as_deref().map_or("", address))
        };
        self.report.vendor.iter().map(of).collect()
    }

    pub(crate) fn flags(&self) -> Vec<(&'static str, char, &'static str)> {
        Flag::ALL.into_iter().map(|f| (words::flag(f), words::flag_letter(f), words::flag_about(f))).collect()
    }

    pub(crate) fn outcomes(&self) -> Vec<(Outcome, &'static str)> {
        Outcome::ALL.into_iter().map(|outcome| (outcome, words::outcome_about(outcome))).collect()
    }
}

impl ModeView<'_> {
    /// The mode's name as a heading.
    pub(crate) fn heading(&self) -> &'static str {
        match self.group.mode {
            Mode::Latency => "Latency",
            Mode::Throughput => "Throughput",
            Mode::Transfer => "Transfer",
            Mode::FirstCall => "First call",
        }
    }

    pub(crate) fn is_transfer(&self) -> bool {
        self.group.mode == Mode::Transfer
    }

    pub(crate) fn has_rates(&self) -> bool {
        matches!(self.group.mode, Mode::Latency | Mode::Throughput)
    }

    /// The columns of its tables of figures.
    pub(crate) fn columns(&self) -> usize {
        let own = match self.group.mode {
            Mode::Latency | Mode::Transfer => 10,
            Mode::Throughput => 9,
            Mode::FirstCall => 7,
        };
        own + usize::from(self.has_memory()) + usize::from(self.has_energy())
    }

    /// Whether the memory of any of its cells is known.
    pub(crate) fn has_memory(&self) -> bool {
        self.cells().any(|cell| !cell.memory().is_empty())
    }

    /// Whether the energy of any of its cells is known.
    pub(crate) fn has_energy(&self) -> bool {
        self.cells().any(|cell| cell.result.energy.is_some())
    }

    pub(crate) fn cells(&self) -> impl Iterator<Item = &CellView> {
        let cases = self.group.workloads.iter().flat_map(|workload| &workload.cases);
        cases.flat_map(|case| &case.cells)
    }

    pub(crate) fn is_latency(&self) -> bool {
        self.group.mode == Mode::Latency
    }
}

impl WorkloadView<'_> {
    /// What the chart shows, in words: the fastest of each case.
    pub(crate) fn in_words(&self) -> String {
        let cases = self.group.cases.iter().map(|case| {
            let name = format!("{} {}", case.case.label, case.case.dtype);
            match case.fastest.and_then(|at| case.cells.get(at)) {
                Some(cell) => format!("{name}: fastest is {} with {}.", cell.result.cell.target, shown_time(cell)),
                None => format!("{name}: no target has a time."),
            }
        });
        cases.collect::<Vec<_>>().join(" ")
    }
}

/// What the templates show of a row.
impl CaseRow {
    pub(crate) fn best_rate(&self) -> String {
        self.best.map(units::rate).unwrap_or_default()
    }

    pub(crate) fn best_share(&self) -> String {
        self.best_share.map(units::share).unwrap_or_default()
    }
}

/// What the templates show of a cell; empty where there is nothing.
impl CellView {
    pub(crate) fn has_time(&self) -> bool {
        self.result.estimate.is_some()
    }

    pub(crate) fn time(&self) -> String {
        self.result.estimate.as_ref().map(|e| units::time(e.median_ns)).unwrap_or_default()
    }

    pub(crate) fn plus_minus(&self) -> String {
        self.result.estimate.as_ref().and_then(Estimate::half_range).map(units::plus_minus).unwrap_or_default()
    }

    pub(crate) fn range(&self) -> String {
        let range = self.result.estimate.as_ref().filter(|e| e.launches > 1);
        range.map(|e| units::span(e.low_ns, e.high_ns)).unwrap_or_default()
    }

    pub(crate) fn quantiles(&self) -> String {
        self.result.estimate.as_ref().map(|e| units::span(e.p05_ns, e.p95_ns)).unwrap_or_default()
    }

    pub(crate) fn counts(&self) -> String {
        self.result.estimate.as_ref().map(|e| format!("{} / {}", e.launches, e.samples)).unwrap_or_default()
    }

    pub(crate) fn ratio(&self) -> String {
        self.result.ratio_to_fastest.map(units::factor).unwrap_or_default()
    }

    pub(crate) fn gflops(&self) -> String {
        self.result.gflops.map(units::gflops).unwrap_or_default()
    }

    pub(crate) fn gbps(&self) -> String {
        self.result.gbps.map(units::gbps).unwrap_or_default()
    }

    /// Its arithmetic as a share of what the vendor says.
    pub(crate) fn gflops_of_vendor(&self) -> String {
        self.of_vendor(|shares| shares.gflops_of_vendor)
    }

    /// Its traffic as a share of what the vendor says.
    pub(crate) fn gbps_of_vendor(&self) -> String {
        self.of_vendor(|shares| shares.gbps_of_vendor)
    }

    pub(crate) fn of_vendor(&self, share: impl Fn(&Shares) -> Option<f64>) -> String {
        let share = self.result.shares.as_ref().and_then(share);
        share.map(|share| format!("{} of peak", units::share(share))).unwrap_or_default()
    }

    /// What the calls add to the process, and to what the framework's allocator holds.
    pub(crate) fn memory(&self) -> String {
        let memory = self.result.memory.as_ref();
        let process = memory.and_then(MemoryUse::process_added_bytes).map(units::bytes);
        let allocator = memory.and_then(MemoryUse::allocator_added_bytes).map(units::bytes);
        match (process, allocator) {
            (Some(process), Some(allocator)) => format!("{process}, {allocator}"),
            (Some(process), None) => format!("{process}, –"),
            (None, Some(allocator)) => format!("–, {allocator}"),
            (None, None) => String::new(),
        }
    }

    /// What a call draws, and the power meanwhile.
    pub(crate) fn energy(&self) -> String {
        let drawn = self.result.energy.as_ref();
        drawn.map(|d| format!("{} at {}", units::joules(d.joules_per_call), units::watts(d.watts))).unwrap_or_default()
    }

    pub(crate) fn bare_wait(&self) -> String {
        self.result.bare_finish_ns.map(units::time).unwrap_or_default()
    }

    pub(crate) fn stages(&self) -> [String; 3] {
        let stages = self.result.estimate.as_ref().and_then(|e| e.stages);
        let shown = |ns: Option<f64>| ns.map(units::time).unwrap_or_default();
        stages.map_or_else(Default::default, |s| [shown(s.upload_ns), shown(s.step_ns), shown(s.download_ns)])
    }

    pub(crate) fn check(&self) -> String {
        let check = self.result.check.as_ref();
        check.map(|c| format!("{} of {}", units::error(c.error), units::error(c.bound))).unwrap_or_default()
    }

    /// What stands beside its time.
    pub(crate) fn tags(&self) -> Vec<&'static str> {
        let flags = self.result.flags.iter().map(|flag| words::flag(*flag));
        self.composed.then_some("composed").into_iter().chain(flags).collect()
    }

    /// Its footnotes' numbers as they are shown.
    pub(crate) fn notes(&self) -> Vec<usize> {
        self.footnotes.iter().map(|note| note + 1).collect()
    }
}

fn paths(group: &WorkloadGroup) -> Vec<(&Target, Vec<String>)> {
    let mut paths: Vec<(&Target, Vec<String>)> = Vec::new();
    for cell in group.cases.iter().flat_map(|case| &case.cells).map(|cell| &cell.result) {
        for path in cell.paths.iter().map(ToString::to_string) {
            match paths.iter_mut().find(|(target, _)| **target == cell.cell.target) {
                Some((_, known)) if known.contains(&path) => {}
                Some((_, known)) => known.push(path),
                None => paths.push((&cell.cell.target, vec![path])),
            }
        }
    }
    paths
}

fn shown_time(cell: &CellView) -> String {
    [cell.time(), cell.plus_minus()].join(" ").trim().to_owned()
}

#[cfg(test)]
mod tests;
