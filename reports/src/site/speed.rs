//! How many times as fast as a baseline something is, over the cases that both have: measured against measured alone, or, hollow,
//! published against published.

use super::gather::{Case, Machine, Site, Subject, Value};
use crate::units;
use chipmark_core::{Device, Mode, Target};
use chipmark_results::speedup::speedup;
use chipmark_results::stats::summary::geometric_mean;
use std::collections::BTreeMap;

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

/// The cases that two machines have in the same mode, or those of one with themselves.
pub(super) type Common<'m> = Vec<(Mode, &'m Case<'m>, &'m Case<'m>)>;

/// The cases that both have, in the order of the second.
pub(super) fn common<'m>(a: &'m Machine<'_>, b: &'m Machine<'_>) -> Common<'m> {
    let of_a: BTreeMap<_, &Case<'_>> = a.cases().map(|(group, case)| ((group.mode, case.id), case)).collect();
    b.cases().filter_map(|(group, case)| Some((group.mode, *of_a.get(&(group.mode, case.id))?, case))).collect()
}

/// The speed of each subject of a machine against PyTorch on its processor, in latency.
pub(super) fn speeds(site: &Site<'_>, machine: &Machine<'_>) -> Vec<(usize, Speed)> {
    let base = Subject { target: Target::new("tch", Device::Cpu), setting: String::new() };
    let Some(base) = site.subjects.iter().position(|subject| *subject == base) else { return Vec::new() };
    let cases = common(machine, machine);
    let subjects = (0..site.subjects.len()).filter(|subject| *subject != base);
    subjects.filter_map(|subject| Some((subject, speed(&cases, base, subject)?))).collect()
}

/// How many times as fast as `base` on the first machine `subject` is on the second, over the common cases in latency.
pub(super) fn speed(cases: &Common<'_>, base: usize, subject: usize) -> Option<Speed> {
    let latency = cases.iter().filter(|(mode, ..)| *mode == Mode::Latency);
    let pairs: Vec<_> = latency.filter_map(|(_, a, b)| Some((a.value(base)?, b.value(subject)?))).collect();
    let measured = pairs.iter().filter_map(|(a, b)| Some((&a.ranked()?.result, &b.ranked()?.result)));
    let (bases, others): (Vec<_>, Vec<_>) = measured.unzip();
    if let Some(found) = speedup(bases, others, SEED) {
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
