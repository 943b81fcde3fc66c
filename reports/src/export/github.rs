//! The `customSmallerIsBetter` form of <https://github.com/benchmark-action/github-action-benchmark>: a list of entries with
//! `name`, `unit` and `value`, and optionally `range` and `extra`, texts that its chart shows beside a point.

use super::timed;
use crate::model::RunReport;
use crate::words;
use serde::Serialize;

#[derive(Serialize)]
struct Entry {
    name: String,
    unit: &'static str,
    value: f64,
    range: String,
    extra: String,
}

/// A run for `github-action-benchmark`: an entry for each timed cell, named `CASE TARGET MODE`, in ns a call; the range is that
/// of the launches' medians. What a chart shows beside a point holds the cell's flags and what disturbed the run.
///
/// # Errors
/// None in practice: every entry has a JSON form.
pub fn github_action_benchmark(run: &RunReport) -> Result<String, serde_json::Error> {
    let chip = words::chip(&run.run.machine);
    let entries = timed(run).map(|(result, estimate, info)| {
        let cell = &result.cell;
        let flags = result.flags.iter().map(|&flag| words::flag(flag)).collect::<Vec<_>>().join(" ");
        let mut extra = vec![
            format!("{} {} on {chip}", info.info.framework, info.info.version),
            format!("{} launches, {} samples", estimate.launches, estimate.samples),
        ];
        extra.extend((!flags.is_empty()).then_some(flags));
        extra.extend(result.note.clone());
        extra.push(format!("{} inputs", run.run.settings.inputs));
        extra.extend(words::state(&run.run.state));
        extra.extend(run.disturbances.iter().cloned());
        Entry {
            name: format!("{} {} {}", cell.case, cell.target, cell.mode),
            unit: "ns",
            value: estimate.median_ns,
            range: format!("{} … {}", estimate.low_ns, estimate.high_ns),
            extra: extra.join("\n"),
        }
    });
    let mut text = serde_json::to_string_pretty(&entries.collect::<Vec<_>>())?;
    text.push('\n');
    Ok(text)
}
