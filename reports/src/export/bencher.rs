//! The Bencher Metric Format, <https://bencher.dev/docs/reference/bencher-metric-format>: for each benchmark its measures, each
//! with a `value` and optionally a `lower_value` and an `upper_value`.

use super::timed;
use crate::model::RunReport;
use chipmark_core::Mode;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Metric {
    value: f64,
    lower_value: f64,
    upper_value: f64,
}

/// The slug of a mode's measure. All are in ns a call, less being better. Bencher's own `throughput` counts operations a second,
/// more being better, so ours must not be called that.
fn measure(mode: Mode) -> &'static str {
    match mode {
        Mode::Latency => "latency",
        Mode::Throughput => "throughput-time",
        Mode::Transfer => "transfer",
        Mode::FirstCall => "first-call",
    }
}

/// A run for Bencher: a benchmark for each case on a target, named `CASE TARGET`, with a measure for each mode; the lower and
/// the upper value are the smallest and the largest of the launches' medians.
///
/// # Errors
/// None in practice: every metric has a JSON form.
pub fn bencher(run: &RunReport) -> Result<String, serde_json::Error> {
    let mut benchmarks: BTreeMap<String, BTreeMap<&str, Metric>> = BTreeMap::new();
    for (result, estimate, _) in timed(run) {
        let cell = &result.cell;
        let metric = Metric { value: estimate.median_ns, lower_value: estimate.low_ns, upper_value: estimate.high_ns };
        benchmarks.entry(format!("{} {}", cell.case, cell.target)).or_default().insert(measure(cell.mode), metric);
    }
    let mut text = serde_json::to_string_pretty(&benchmarks)?;
    text.push('\n');
    Ok(text)
}
