//! Under what conditions each side was measured, and in what they differ.

use crate::conditions::{InForce, Machine};
use crate::record::{Run, TargetInfo};
use chipmark_core::Target;
use serde::Serialize;

/// The conditions of a side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Context {
    /// Where it comes from: a file's name, or a worker's.
    pub name: String,
    /// The run.
    pub run_id: String,
    /// When it started.
    pub started_at: String,
    /// The suite.
    pub suite: String,
    /// The version of `bench`.
    pub harness: String,
    /// The machine's chip.
    pub chip: String,
    /// The frameworks measured, with their versions.
    pub frameworks: Vec<(Target, String)>,
}

/// Something in which two sides differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What, such as `chip` or `PyTorch`.
    pub what: String,
    /// On the first side.
    pub a: String,
    /// On the second.
    pub b: String,
}

impl Context {
    /// The conditions of a run.
    #[must_use]
    pub fn of(run: &Run, name: &str) -> Self {
        Context {
            name: name.to_owned(),
            run_id: run.run_id.clone(),
            started_at: run.started_at.clone(),
            suite: run.suite.clone(),
            harness: run.harness_version.clone(),
            chip: run.machine.chip.clone(),
            frameworks: run.targets.iter().map(|info| (info.target.clone(), version(info))).collect(),
        }
    }
}

fn version(info: &TargetInfo) -> String {
    format!("{} {}", info.info.framework, info.info.version)
}

/// In what two runs' machines differ, as far as times depend on it. Empty for the same machine.
pub(super) fn machines(a: &Run, b: &Run) -> Vec<Difference> {
    let (a, b) = (Machine::of(&a.machine).named(), Machine::of(&b.machine).named());
    differing(a.into_iter().zip(b).map(|((what, a), (_, b))| (what, a, b)))
}

/// In what else two runs differ: what a comparison may be about, or may be misled by.
pub(super) fn settings(a: &Run, b: &Run) -> Vec<Difference> {
    let os = |run: &Run| format!("{} {}", run.machine.os, run.machine.os_version.as_deref().unwrap_or_default());
    let tier = |run: &Run| run.settings.tier.map_or("the suite's".to_owned(), |tier| tier.to_string());
    let mut found = differing([
        ("bench", a.harness_version.clone(), b.harness_version.clone()),
        ("system", os(a), os(b)),
        ("tier", tier(a), tier(b)),
        ("sampling", sampling(a), sampling(b)),
    ]);
    for info in &a.targets {
        if let Some(other) = b.targets.iter().find(|other| other.target == info.target) {
            let what = info.target.to_string();
            let blas = |info: &TargetInfo| info.info.blas.clone().unwrap_or_default();
            found.extend(differing([(what.as_str(), version(info), version(other))]));
            found.extend(differing([(format!("BLAS of {what}").as_str(), blas(info), blas(other))]));
        }
    }
    found
}

fn sampling(run: &Run) -> String {
    serde_json::to_string(&run.settings.sampling).unwrap_or_default()
}

/// Why no cell of two runs can be compared: their calls found their inputs at different places.
pub(super) fn inputs(a: &Run, b: &Run) -> Option<String> {
    let of = |run: &Run| run.settings.inputs.to_string();
    differing([("inputs", of(a), of(b))]).first().map(ToString::to_string)
}

/// Why a target's cells of two runs cannot be compared, whatever their times; nothing if they can.
pub(super) fn incomparable(a: &TargetInfo, b: &TargetInfo) -> Option<String> {
    let (a, b) = (InForce::of(a), InForce::of(b));
    let threads = |of: &InForce| of.threads.map_or("unknown".to_owned(), |threads| threads.to_string());
    let found = differing([("threads", threads(&a), threads(&b)), ("precision", a.precision, b.precision)]);
    found.into_iter().next().map(|difference| difference.to_string())
}

fn differing<'a>(pairs: impl IntoIterator<Item = (&'a str, String, String)>) -> Vec<Difference> {
    let pairs = pairs.into_iter().filter(|(_, a, b)| a != b);
    pairs.map(|(what, a, b)| Difference { what: what.to_owned(), a, b }).collect()
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} and {}", self.what, self.a, self.b)
    }
}
