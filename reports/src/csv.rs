//! Tidy CSV, with a header line: a row for each cell of each run, and a row for each published figure. `suite/docs/SCHEMA.md` describes the
//! columns.

mod published;

pub use published::{PUBLISHED_COLUMNS, published};

use crate::model::{CellView, Report, RunReport};
use crate::words;
use chipmark_core::Outcome;
use chipmark_results::record::TargetInfo;

/// The columns, in order.
pub const COLUMNS: [&str; 54] = [
    "run_id",
    "date",
    "chip",
    "gpu",
    "gpu_cores",
    "memory_bytes",
    "os",
    "framework",
    "version",
    "device",
    "execution",
    "mode",
    "workload",
    "case",
    "shape",
    "dtype",
    "outcome",
    "reason",
    "path",
    "launches",
    "samples",
    "median_ns",
    "ci_low_ns",
    "ci_high_ns",
    "low_ns",
    "high_ns",
    "p05_ns",
    "p95_ns",
    "gflops",
    "gbps",
    "check_error",
    "check_bound",
    "flags",
    "upload_ns",
    "step_ns",
    "download_ns",
    "bare_finish_ns",
    "flop",
    "bytes",
    "suite",
    "harness_version",
    "gflops_of_measured",
    "gflops_of_vendor",
    "gbps_of_measured",
    "gbps_of_vendor",
    "roofline",
    "peak_bytes",
    "allocator_peak_bytes",
    "joules_per_call",
    "watts",
    "variant",
    "inputs",
    "disturbances",
    "trust",
];

/// The report as CSV: RFC 4180, UTF-8, lines ended by a newline alone. An empty field is a value that does not exist.
///
/// A text from a file that a spreadsheet would take for a formula is written with a leading `'`.
///
/// # Errors
/// None in practice: the rows are written to memory.
pub fn csv(report: &Report) -> Result<String, csv::Error> {
    let mut rows = Vec::new();
    for run in &report.runs {
        for mode in &run.modes {
            for case in mode.workloads.iter().flat_map(|workload| &workload.cases) {
                rows.extend(case.cells.iter().zip(&run.run.targets).map(|(cell, info)| row(run, info, cell)));
            }
        }
    }
    written(&COLUMNS, rows)
}

/// A header line and rows.
pub(crate) fn written<R>(columns: &[&str], rows: impl IntoIterator<Item = R>) -> Result<String, csv::Error>
where
    R: IntoIterator<Item: AsRef<[u8]>>,
{
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns)?;
    for row in rows {
        writer.write_record(row)?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    // Every field is a string, so the bytes are UTF-8.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn row(run: &RunReport, info: &TargetInfo, view: &CellView) -> [String; COLUMNS.len()] {
    let header = &run.run;
    let machine = &header.machine;
    let cell = &view.result;
    let estimate = cell.estimate.as_ref();
    let time = |of: fn(&chipmark_results::estimate::Estimate) -> f64| number(estimate.map(of));
    let interval = estimate.and_then(|estimate| estimate.interval_ns);
    let stages = estimate.and_then(|estimate| estimate.stages);
    let gpus = machine.gpus.iter().map(|gpu| gpu.name.as_str()).collect::<Vec<_>>().join("; ");
    let flags = cell.flags.iter().map(|&flag| words::flag(flag)).collect::<Vec<_>>().join(" ");
    let path = match (cell.paths.is_empty(), view.composed) {
        (true, _) => "",
        (false, true) => "composed",
        (false, false) => "native",
    };
    let reason = if cell.outcome == Outcome::Ok { &cell.note } else { &cell.reason };
    [
        guarded(&header.run_id),
        guarded(&header.started_at),
        guarded(&machine.chip),
        guarded(&gpus),
        machine.gpus.iter().find_map(|gpu| gpu.cores).map(|cores| cores.to_string()).unwrap_or_default(),
        machine.memory_bytes.map(|bytes| bytes.to_string()).unwrap_or_default(),
        guarded([machine.os.as_str(), machine.os_version.as_deref().unwrap_or("")].join(" ").trim()),
        guarded(&info.target.framework),
        guarded(&info.info.version),
        info.target.device.to_string(),
        info.target.execution.to_string(),
        cell.cell.mode.to_string(),
        guarded(&cell.cell.case.workload),
        guarded(&cell.cell.case.to_string()),
        guarded(&cell.cell.case.label),
        cell.cell.case.dtype.to_string(),
        cell.outcome.to_string(),
        guarded(reason.as_deref().unwrap_or_default()),
        path.to_owned(),
        estimate.map(|estimate| estimate.launches.to_string()).unwrap_or_default(),
        estimate.map(|estimate| estimate.samples.to_string()).unwrap_or_default(),
        time(|estimate| estimate.median_ns),
        number(interval.map(|interval| interval.low)),
        number(interval.map(|interval| interval.high)),
        time(|estimate| estimate.low_ns),
        time(|estimate| estimate.high_ns),
        time(|estimate| estimate.p05_ns),
        time(|estimate| estimate.p95_ns),
        number(cell.gflops),
        number(cell.gbps),
        number(cell.check.as_ref().map(|check| check.error)),
        number(cell.check.as_ref().map(|check| check.bound)),
        flags,
        number(stages.and_then(|stages| stages.upload_ns)),
        number(stages.and_then(|stages| stages.step_ns)),
        number(stages.and_then(|stages| stages.download_ns)),
        number(cell.bare_finish_ns),
        cell.cost.flop.to_string(),
        cell.cost.bytes.to_string(),
        guarded(&header.suite),
        guarded(&header.harness_version),
        number(cell.shares.and_then(|shares| shares.gflops_of_measured)),
        number(cell.shares.and_then(|shares| shares.gflops_of_vendor)),
        number(cell.shares.and_then(|shares| shares.gbps_of_measured)),
        number(cell.shares.and_then(|shares| shares.gbps_of_vendor)),
        number(cell.shares.and_then(|shares| shares.roofline)),
        bytes(cell.memory.and_then(|memory| memory.process_added_bytes())),
        bytes(cell.memory.and_then(|memory| memory.allocator_added_bytes())),
        number(cell.energy.as_ref().map(|drawn| drawn.joules_per_call)),
        number(cell.energy.as_ref().map(|drawn| drawn.watts)),
        guarded(info.target.variant.as_deref().unwrap_or_default()),
        header.settings.inputs.to_string(),
        guarded(&run.disturbances.join("; ")),
        run.trust.as_ref().map(|standing| standing.level.name().to_owned()).unwrap_or_default(),
    ]
}

fn bytes(value: Option<u64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The shortest decimal that reads back as the same number.
fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A text that spreadsheets do not run: they take one that begins with these characters for a formula.
pub(crate) fn guarded(text: &str) -> String {
    let formula = text.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    if formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests;
