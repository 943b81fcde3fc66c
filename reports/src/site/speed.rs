//! How many times as fast as a baseline something is, over the cases that both have: measured against measured alone, or, hollow,
//! published against published.

use super::gather::{Case, Machine, Site, Value};
use crate::units;
use chipmark_core::{Device, Execution, Mode};
use chipmark_results::cells::CellResult;
use chipmark_results::speedup::speedup;
use chipmark_results::stats::summary::geometric_mean;

/// The seed of the intervals: a site made again from the same files is the same.
const SEED: u64 = 1;

/// A geometric mean of speed-ups.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Speed {
    /// Above 1 it is faster than the baseline.
    pub(super) ratio: f64,
    /// Its 95% interval; nothing of published figures, and of too few launches.
    pub(super) interval: Option<(f64, f64)>,
    /// Over how many cases.
    pub(super) cases: usize,
    pub(super) is_imported: bool,
}

impl Speed {
    /// Such as `1.83×`.
    pub(super) fn shown(&self) -> String {
        units::factor(self.ratio)
    }

    /// Such as `1.79×–1.88×, 41 cases`.
    pub(super) fn doubt(&self) -> String {
        let cases = crate::words::counted(self.cases, "case");
        match self.interval {
            Some((low, high)) => format!("{}–{}, {cases}", units::factor(low), units::factor(high)),
            None => cases,
        }
    }
}

/// The speed of each subject of a machine against PyTorch on its processor, in latency.
pub(super) fn speeds(site: &Site<'_>, machine: &Machine<'_>) -> Vec<(usize, Speed)> {
    let is_base = |subject: &super::gather::Subject| {
        let target = &subject.target;
        target.framework == "tch"
            && target.device == Device::Cpu
            && target.execution == Execution::Eager
            && target.variant.is_none()
            && subject.setting.is_empty()
    };
    let Some(base) = site.subjects.iter().position(is_base) else { return Vec::new() };
    let subjects = (0..site.subjects.len()).filter(|subject| *subject != base);
    subjects.filter_map(|subject| Some((subject, speed(machine, base, machine, subject)?))).collect()
}

/// How many times as fast as `base` on one machine `subject` is on another, over the common cases in latency.
pub(super) fn speed(base_machine: &Machine<'_>, base: usize, machine: &Machine<'_>, subject: usize) -> Option<Speed> {
    let pairs = common(base_machine, base, machine, subject);
    let measured = |value: &Value<'_>| value.ranked().map(|cell| cell.result.clone());
    let both: Vec<(CellResult, CellResult)> =
        pairs.iter().filter_map(|(a, b)| Some((measured(a)?, measured(b)?))).collect();
    if let Some(found) = speedup(both.iter().map(|(a, _)| a), both.iter().map(|(_, b)| b), SEED) {
        let interval = found.interval.map(|interval| (interval.low, interval.high));
        return Some(Speed { ratio: found.ratio, interval, cases: found.cases, is_imported: false });
    }
    // What is known to be wrong tells no speed.
    let sound = |value: &Value<'_>| match value {
        Value::Imported(_, figure) if figure.faults.is_empty() => figure.time_ns,
        _ => None,
    };
    let ratios: Vec<f64> = pairs.iter().filter_map(|(a, b)| Some(sound(a)? / sound(b)?)).collect();
    Some(Speed { ratio: geometric_mean(&ratios)?, interval: None, cases: ratios.len(), is_imported: true })
}

/// The figures of the cases that both have, in latency.
fn common<'m>(
    base_machine: &'m Machine<'_>,
    base: usize,
    machine: &'m Machine<'_>,
    subject: usize,
) -> Vec<(&'m Value<'m>, &'m Value<'m>)> {
    let latency = |machine: &'m Machine<'_>| machine.cases().filter(|(group, _)| group.mode == Mode::Latency);
    let bases: std::collections::BTreeMap<_, &Case<'_>> =
        latency(base_machine).map(|(_, case)| (case.id, case)).collect();
    latency(machine).filter_map(|(_, case)| Some((bases.get(case.id)?.value(base)?, case.value(subject)?))).collect()
}
