//! One figure as a row of a table: what the templates show of it, and what filters and sorting go by.

use super::gather::{Case, Machine, Site, Value};
use crate::model::{CellView, Rate};
use crate::{units, words};
use chipmark_core::{Cost, MemoryUse, Mode};
use chipmark_results::contribution::Trust;
use chipmark_results::estimate::Estimate;
use chipmark_results::record::Flag;

/// A figure.
pub(crate) struct Row {
    pub(crate) machine: String,
    /// The machine's page, from the site's root.
    pub(crate) machine_page: String,
    pub(crate) workload: String,
    /// The workload's page, from the site's root.
    pub(crate) workload_page: String,
    pub(crate) label: String,
    pub(crate) dtype: String,
    pub(crate) mode: &'static str,
    /// Target and setting.
    pub(crate) subject: String,
    /// `native`, `composed` or empty.
    pub(crate) path: &'static str,
    /// The time of a call; empty where there is none.
    pub(crate) time: String,
    /// The same in ns, for sorting; empty where there is none.
    pub(crate) ns: String,
    /// Half the range of the launches, such as `±0.8%`.
    pub(crate) plus_minus: String,
    /// Launches and samples.
    pub(crate) counts: String,
    /// Its time over the fastest's on the same machine; empty where it is not compared.
    pub(crate) ratio: String,
    pub(crate) is_fastest: bool,
    pub(crate) rate: String,
    pub(crate) of_roof: String,
    pub(crate) memory: String,
    pub(crate) energy: String,
    /// Flags, `composed`, or the faults of a published figure.
    pub(crate) tags: Vec<&'static str>,
    /// `measured`, `published`, or what stands in a time's place.
    pub(crate) status: String,
    /// How far it is to be trusted; nothing where its run is the user's own.
    pub(crate) trust: Option<Trust>,
    /// Why there is no time.
    pub(crate) reason: String,
    /// Where it is from, from the site's root: the run's page, at its command, or the table's.
    pub(crate) source_page: String,
    pub(crate) source: String,
}

impl Row {
    pub(crate) fn is_imported(&self) -> bool {
        self.status == "published"
    }
}

/// The figures of a case, in the order of the subjects.
pub(super) fn rows(site: &Site<'_>, machine: &Machine<'_>, mode: Mode, case: &Case<'_>) -> Vec<Row> {
    let fastest_ns = case.fastest_ns();
    case.figures.iter().map(|(subject, value)| row(site, machine, (mode, case), *subject, value, fastest_ns)).collect()
}

fn row(
    site: &Site<'_>,
    machine: &Machine<'_>,
    (mode, case): (Mode, &Case<'_>),
    subject: usize,
    value: &Value<'_>,
    fastest_ns: Option<f64>,
) -> Row {
    let workload = &case.id.workload;
    let mut row = Row {
        machine: machine.title(),
        machine_page: format!("chips/{}.html", machine.slug),
        workload: workload.clone(),
        workload_page: site.workload_page(workload),
        label: case.id.label.clone(),
        dtype: case.id.dtype.to_string(),
        mode: mode.name(),
        subject: site.subjects.get(subject).map(ToString::to_string).unwrap_or_default(),
        path: "",
        time: value.ns().map(units::time).unwrap_or_default(),
        ns: value.ns().map(|ns| format!("{ns:.0}")).unwrap_or_default(),
        plus_minus: String::new(),
        counts: String::new(),
        ratio: String::new(),
        is_fastest: false,
        rate: String::new(),
        of_roof: String::new(),
        memory: String::new(),
        energy: String::new(),
        tags: Vec::new(),
        status: String::new(),
        trust: site.trust_of(value),
        reason: String::new(),
        source_page: String::new(),
        source: String::new(),
    };
    match value {
        Value::Measured(run, cell) => measured(&mut row, cell, case.cost, fastest_ns, value.ranked().is_some()).from(
            format!("runs/{}.html#r0-how", site.run_slugs.get(*run).map_or("", String::as_str)),
            site.report.runs.get(*run).map(|run| run.run.started_at.chars().take(10).collect()).unwrap_or_default(),
        ),
        Value::Imported(table, figure) => {
            row.tags = figure.faults.iter().map(|fault| fault.name()).collect();
            "published".clone_into(&mut row.status);
            if figure.time_ns.is_none() {
                row.reason = format!("printed as {}", figure.printed);
            }
            let source = site.tables.get(*table).map(|table| table.source.title.clone()).unwrap_or_default();
            row.from("published.html".to_owned(), source);
        }
    }
    row
}

impl Row {
    fn from(&mut self, page: String, source: String) {
        self.source_page = page;
        self.source = source;
    }
}

fn measured<'r>(
    row: &'r mut Row,
    cell: &CellView,
    cost: Option<Cost>,
    fastest_ns: Option<f64>,
    is_ranked: bool,
) -> &'r mut Row {
    let result = &cell.result;
    let estimate = result.estimate.as_ref();
    row.path = match (result.paths.is_empty(), cell.composed) {
        (true, _) => "",
        (false, true) => "composed",
        (false, false) => "native",
    };
    row.plus_minus = estimate.and_then(Estimate::half_range).map(units::plus_minus).unwrap_or_default();
    row.counts = estimate.map(|estimate| format!("{} / {}", estimate.launches, estimate.samples)).unwrap_or_default();
    let ratio = estimate.zip(fastest_ns).filter(|_| is_ranked).map(|(estimate, fastest)| estimate.median_ns / fastest);
    row.is_fastest = ratio.is_some_and(|ratio| ratio <= 1.0);
    row.ratio = ratio.map(units::factor).unwrap_or_default();
    row.rate = rate(cell, cost).map(units::rate).unwrap_or_default();
    row.of_roof = result.shares.and_then(|shares| shares.roofline).map(units::share).unwrap_or_default();
    let bytes = result.memory.as_ref().and_then(MemoryUse::process_added_bytes);
    row.memory = bytes.map(units::bytes).unwrap_or_default();
    row.energy = result.energy.as_ref().map(|drawn| units::joules(drawn.joules_per_call)).unwrap_or_default();
    let flags = result.flags.iter().map(|flag: &Flag| words::flag(*flag));
    row.tags = cell.composed.then_some("composed").into_iter().chain(flags).collect();
    row.status = if estimate.is_some() { "measured".to_owned() } else { result.outcome.to_string() };
    row.reason = result.reason.clone().unwrap_or_default();
    row
}

fn rate(cell: &CellView, cost: Option<Cost>) -> Option<Rate> {
    Rate::of(&cell.result, cost?)
}
