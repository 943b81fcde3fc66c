//! The figures that others published as CSV: a row for each, one that has no time too. Nothing in it was measured here.

use super::{bytes, guarded, number, written};
use crate::text::clean;
use chipmark_results::imported::{Figure, ImportedTable};

/// The columns, in order. Those that `report.csv` has too are called as there.
pub const PUBLISHED_COLUMNS: [&str; 28] = [
    "source",
    "url",
    "licence",
    "authors",
    "table",
    "heading",
    "chip",
    "cores",
    "gpu_cores",
    "memory_bytes",
    "card_memory_bytes",
    "host",
    "kind",
    "framework",
    "version",
    "device",
    "execution",
    "variant",
    "mode",
    "workload",
    "case",
    "shape",
    "dtype",
    "statistic",
    "outcome",
    "printed",
    "time_ns",
    "faults",
];

/// The figures of these tables as CSV, in their order; as [`csv`](super::csv) otherwise.
///
/// # Errors
/// None in practice: the rows are written to memory.
pub fn published(tables: &[ImportedTable]) -> Result<String, csv::Error> {
    let rows = tables.iter().flat_map(|table| table.figures.iter().map(move |figure| row(table, figure)));
    written(&PUBLISHED_COLUMNS, rows)
}

fn row(table: &ImportedTable, figure: &Figure) -> [String; PUBLISHED_COLUMNS.len()] {
    let text = |text: &str| guarded(&clean(text));
    let optional = |value: &Option<String>| value.as_deref().map(text).unwrap_or_default();
    let (source, machine, target) = (&table.source, &table.machine, &figure.target);
    let of_case = |part: fn(&chipmark_core::CaseId) -> String| figure.case.as_ref().map(part).unwrap_or_default();
    let faults = figure.faults.iter().map(|fault| fault.name()).collect::<Vec<_>>().join(" ");
    [
        text(&source.title),
        text(&source.url),
        text(&source.licence),
        text(&source.authors),
        text(&table.path.file_stem().unwrap_or_default().to_string_lossy()),
        text(&table.heading),
        text(&machine.chip),
        optional(&machine.cores),
        machine.gpu_cores.map(|cores| cores.to_string()).unwrap_or_default(),
        bytes(machine.memory_bytes),
        bytes(machine.card_memory_bytes),
        optional(&machine.host),
        optional(&machine.kind),
        text(&target.framework),
        table.versions.get(&target.framework).map(|version| text(version)).unwrap_or_default(),
        target.device.to_string(),
        target.execution.to_string(),
        target.variant.as_deref().map(text).unwrap_or_default(),
        figure.mode.to_string(),
        text(&figure.workload),
        text(&of_case(ToString::to_string)),
        text(&of_case(|case| case.label.clone())),
        of_case(|case| case.dtype.to_string()),
        table.statistic.name().to_owned(),
        figure.outcome.to_string(),
        text(&figure.printed),
        number(figure.time_ns),
        faults,
    ]
}
