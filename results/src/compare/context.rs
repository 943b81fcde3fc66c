//! Under what conditions each side was measured, and in what they differ.

use crate::bare_wait::{BareWait, bare_waits};
use crate::conditions::{InForce, Machine};
use crate::machine::{self, MachineState};
use crate::notices::notices;
use crate::record::{Run, TargetInfo};
use crate::store::ResultsFile;
use chipmark_core::{Inputs, Target};
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
    /// Where calls found their inputs.
    pub inputs: Inputs,
    /// The machine's state before the first check.
    pub state: MachineState,
    /// What to know before believing a number of it: what disturbed the machine, from start to end, and what the run lacks.
    pub notices: Vec<String>,
    /// What a wait with nothing to wait for costs: a part of each latency.
    pub bare_waits: Vec<BareWait>,
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
    pub fn of(file: &ResultsFile, name: &str) -> Self {
        let run = &file.run;
        Context {
            name: name.to_owned(),
            run_id: run.run_id.clone(),
            started_at: run.started_at.clone(),
            suite: run.suite.clone(),
            harness: run.harness_version.clone(),
            chip: run.machine.chip.clone(),
            frameworks: run.targets.iter().map(|info| (info.target.clone(), version(info))).collect(),
            inputs: run.settings.inputs,
            state: run.state.clone(),
            notices: notices(file),
            bare_waits: bare_waits(file),
        }
    }

    /// The conditions of one target of a run.
    #[must_use]
    pub fn of_target(file: &ResultsFile, target: &Target) -> Self {
        let mut context = Context::of(file, &target.to_string());
        context.frameworks.retain(|(other, _)| other == target);
        context.bare_waits.retain(|wait| wait.target == *target);
        context
    }

    /// Takes over what is to be known of the fresh rounds that decided on some of the cells, where they are a run of their own.
    pub(super) fn take_notices(&mut self, fresh: &Context) {
        if self.run_id != fresh.run_id {
            self.notices.extend(fresh.notices.iter().map(|notice| format!("fresh rounds: {notice}")));
        }
    }
}

fn version(info: &TargetInfo) -> String {
    format!("{} {}", info.info.framework, info.info.version)
}

/// In what two machines differ, as far as times depend on it. Empty for the same machine.
#[must_use]
pub fn different_machines(a: &machine::Machine, b: &machine::Machine) -> Vec<Difference> {
    let (a, b) = (Machine::of(a).named(), Machine::of(b).named());
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

#[cfg(all(test, feature = "fixture"))]
mod tests {
    use super::*;
    use crate::compare::{Comparison, Rule};
    use crate::fixture::{self, CANDLE, TCH};
    use crate::record::Flag;

    fn file(run_id: &str) -> ResultsFile {
        let mut file = fixture::rounds(&[[1000.0, 1100.0]; 8]);
        file.run.run_id = run_id.to_owned();
        file.run.state.heavy_processes.clear();
        file.run.state.gpus.clear();
        file.run.machine.chip_detected = None;
        file
    }

    #[test]
    fn each_side_tells_its_machines_state_and_its_cells_flags() {
        let (a, mut b) = (file("a"), file("b"));
        b.run.state.power_source = Some("battery".to_owned());
        b.rounds[0].void = Some("the canary copy took longer".to_owned());
        b.rounds[1].state.thermal = Some("critical".to_owned());
        let samples = b.launches[2].samples.as_mut().unwrap();
        samples.flags = vec![Flag::NeverWarm];
        let comparison = Comparison::of_files(&a, &b, Rule::default());
        let of = |context: &Context| context.notices.iter().filter(|line| !line.contains("killed")).count();
        assert_eq!((of(&comparison.a), comparison.b.state.power_source.as_deref()), (0, Some("battery")));
        for notice in [
            "when it started: the machine runs on battery",
            "1 round was disturbed and counts for nothing: the canary copy took longer",
            "after 1 of 7 rounds: the machine is warm (thermal state: critical)",
        ] {
            assert!(comparison.b.notices.iter().any(|line| line == notice), "{:?}", comparison.b.notices);
        }
        let flags = |target: &str| {
            let row = comparison.rows.iter().find(|row| row.cell.target.to_string() == target).unwrap();
            [row.a, row.b].map(|time| time.unwrap().flags.iter().collect::<Vec<_>>())
        };
        assert_eq!(flags(CANDLE), [vec![], vec![Flag::NeverWarm, Flag::Disturbed]]);
        assert_eq!(flags(TCH), [vec![], vec![Flag::Disturbed]]);
    }

    #[test]
    fn two_targets_of_a_file_have_their_own_waits_and_what_fresh_rounds_suffered_is_kept() {
        let mut pilot = file("pilot");
        pilot.workers = vec![fixture::worker(0, CANDLE, 0), fixture::worker(1, TCH, 0)];
        let [a, b] = [CANDLE, TCH].map(|name| name.parse::<Target>().unwrap());
        let compared = |file| Comparison::of_targets(file, &a, &b, Rule::default());
        let comparison = compared(&pilot);
        assert_eq!(comparison.a.bare_waits, [BareWait { target: a.clone(), ns: 100.0 }]);
        assert_eq!(comparison.b.bare_waits, [BareWait { target: b.clone(), ns: 100.0 }]);

        let mut fresh = file("fresh");
        fresh.run.state.low_power_mode = Some(true);
        let said = "fresh rounds: when it started: a low-power mode is on";
        let decided = comparison.clone().decided_by(Some(compared(&fresh)), 0.02);
        assert!([&decided.a, &decided.b].iter().all(|context| context.notices.iter().any(|line| line == said)));
        // A baseline is the same in both stages, and is not told twice.
        let baseline = comparison.a.notices.len();
        let decided = comparison.decided_by(Some(compared(&pilot)), 0.02);
        assert_eq!(decided.a.notices.len(), baseline);
    }
}
