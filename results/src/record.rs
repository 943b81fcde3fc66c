//! The records of a results file: one JSON object a line. The first line is the [`Run`]; the others follow as they are
//! measured. Raw samples are stored; what can be derived from them is not. `suite/docs/SCHEMA.md` describes each field.

use crate::contribution::Contribution;
use crate::machine::{Machine, MachineState};
use chipmark_core::check::Comparison;
pub use chipmark_core::sampling::{Flag, Samples, Sampling};
use chipmark_core::{
    BackendInfo, CaseId, Cell, ConvLayout, Cost, Inputs, MemoryUse, Mode, OpPath, Outcome, Target, Tier,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The schema's version. Raised when a reader of the old one would misread the new one.
pub const SCHEMA: u32 = 2;

/// One line of a results file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Record {
    /// The header: the first line and no other.
    Run(Box<Run>),
    /// A worker process that was started.
    Worker(Worker),
    /// A case checked on a target.
    Check(Check),
    /// A try at what a target can reach at best.
    Ceiling(Box<Ceiling>),
    /// What a case's calls need of memory on a target, measured in a process of its own.
    Memory(MemoryPass),
    /// A cell measured, or not, in one round.
    Launch(Box<Launch>),
    /// A round that is over.
    Round(Round),
    /// The end of the run, or of one part of it where it was resumed.
    End(End),
}

/// What was asked for, of what, on what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The version of the schema.
    pub schema: u32,
    /// A random id.
    pub run_id: String,
    /// When it started: RFC 3339, UTC.
    pub started_at: String,
    /// The version of `bench`.
    pub harness_version: String,
    /// The suite's name.
    pub suite: String,
    /// Who measured, in contributed files alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contribution: Option<Contribution>,
    /// What part of a larger measurement it is; none of one that stands for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// The command line as given, the program's own path left out.
    pub command: Vec<String>,
    /// The settings in force.
    pub settings: Settings,
    /// The machine.
    pub machine: Machine,
    /// Its state before the first check.
    pub state: MachineState,
    /// The targets measured.
    pub targets: Vec<TargetInfo>,
    /// The targets that could not be, and why.
    pub missing: Vec<MissingTarget>,
    /// The cases, with their modes. Every case × mode × target is a cell of the run.
    pub cases: Vec<PlannedCase>,
}

/// A part of a measurement in stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The fresh rounds that decide on the cells that stood out.
    Decision,
}

/// What governs a run beside the choice of cells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Settings {
    /// The size of the cases; none where the suite names shapes itself.
    pub tier: Option<Tier>,
    /// How the rounds and the sampling were chosen; none where the suite says it all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Rounds, each with fresh workers; the most, where there is a precision to reach.
    pub rounds: u32,
    /// The fewest rounds, where there is a precision to reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_rounds: Option<u32>,
    /// A case in a mode is measured until each target's ratio to the fastest is known this well: half the width of its 95%
    /// interval, as a share. None measures every round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// The seed of inputs and orders.
    pub seed: u64,
    /// Threads given to the frameworks; none leaves their defaults.
    pub threads: Option<usize>,
    /// Whether TF32 was allowed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tf32: bool,
    /// The folder of the graph that was trained on beside random ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cora: Option<PathBuf>,
    /// The time limit of the run in seconds.
    pub budget_s: Option<f64>,
    /// Whether it was measured first what each device can reach at best.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ceilings: bool,
    /// Whether it was measured, in processes apart, what each case needs of memory.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub memory: bool,
    /// Where calls found their inputs.
    #[serde(default, skip_serializing_if = "Inputs::is_warm")]
    pub inputs: Inputs,
    /// How a launch is sampled.
    pub sampling: Sampling,
    /// The time limit of one cell of one round in seconds.
    pub cell_timeout_s: f64,
}

/// How much is spent on a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// An indication in a minute or two.
    Quick,
    /// Until the ratios are known to a hundredth.
    Standard,
    /// As standard with more rounds at least, on a machine that nothing disturbs.
    Publish,
}

/// A target and what was in force there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetInfo {
    /// The target.
    pub target: Target,
    /// The version of its worker program.
    pub worker_version: String,
    /// Whether its results were checked. False for the synthetic backend alone.
    pub arithmetic: bool,
    /// Variables that its worker was given beside the machine's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Threads that it was given instead of the run's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
    /// What the framework tells about itself, read back from it.
    pub info: BackendInfo,
}

/// A target that could not be used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MissingTarget {
    /// The target, or the framework's name where not even its devices are known.
    pub name: String,
    /// Why.
    pub why: String,
    /// The one command that would add it, where there is one.
    pub remedy: Option<String>,
    /// Whether it is here and does not work: its worker does not start, or does not open the device.
    #[serde(default)]
    pub broken: bool,
}

/// A case of the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedCase {
    /// Its id.
    pub case: CaseId,
    /// Its modes in this run.
    pub modes: Vec<Mode>,
    /// What one call costs by counting.
    pub cost: Cost,
}

/// Why a worker process was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// To check results.
    Check,
    /// To measure the cells of a round.
    Round,
    /// To measure one first call.
    FirstCall,
    /// To measure what the target can reach at best.
    Ceiling,
    /// To measure what one case needs of memory.
    Memory,
}

/// A worker process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Worker {
    /// Its number in the run, from 0.
    pub worker: u32,
    /// Its target.
    pub target: Target,
    /// What for.
    pub purpose: Purpose,
    /// In which round; none for checks.
    pub round: Option<u32>,
    /// The time from starting the process until the device was open, in ns.
    pub start_ns: u64,
    /// The smallest step of its clock, in ns.
    pub timer_resolution_ns: u64,
    /// The cost of a wait with nothing to wait for, in ns, each time it was measured.
    pub bare_finish_ns: Vec<u64>,
    /// The share of a fixed piece of work that `finish` waited for; checks only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish_share: Option<f64>,
}

/// A case checked on a target before it is timed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// The case.
    pub case: CaseId,
    /// The target.
    pub target: Target,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it is not ok.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How each op was done.
    #[serde(default)]
    pub paths: Vec<OpPath>,
    /// The layout of convolutions, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<ConvLayout>,
    /// Whether an f32 result is off as far as TF32 would be. It is right by that measure, and labelled so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tf32: bool,
    /// The comparisons made.
    #[serde(default)]
    pub comparisons: Vec<CheckedShape>,
}

/// What a result was compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Against {
    /// The f64 reference.
    Reference,
    /// The other targets' results: the shape is too large for the reference.
    Targets,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckedShape {
    /// The case at the shape that was compared.
    pub case: CaseId,
    /// With what.
    pub against: Against,
    /// How far it is off.
    pub comparison: Comparison,
}

/// One of the pieces of work by which it is found what a device can reach at best: copies, triads and sums of large arrays for the
/// memory, matrix products of several sizes for the arithmetic. The best of them is the ceiling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ceiling {
    /// The target.
    pub target: Target,
    /// The work. It need be no case of the run.
    pub case: CaseId,
    /// What one call of it costs by counting.
    pub cost: Cost,
    /// The worker's number; none where none was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<u32>,
    /// When it started: RFC 3339, UTC.
    pub at: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it is not ok.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether this kind of work is f32 in name and TF32 in error there, by its check.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tf32: bool,
    /// The samples, in mode latency; none where the outcome is not ok.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<Samples>,
}

/// What a case's calls need of memory on a target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemoryPass {
    /// The case.
    pub case: CaseId,
    /// The target.
    pub target: Target,
    /// The worker's number; none where none was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<u32>,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it is not ok.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was counted; none where the outcome is not ok.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<MemoryUse>,
}

/// What was drawn while blocks of a launch were timed, by the machine's own counters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Energy {
    /// The calls that were made meanwhile.
    pub calls: u64,
    /// How long it was, in ns.
    pub duration_ns: u64,
    /// What each counter counted, in joules. Some contain others.
    pub joules: BTreeMap<String, f64>,
}

/// One worker process's measurement of a cell, or the reason why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Launch {
    /// The cell.
    #[serde(flatten)]
    pub cell: Cell,
    /// The round, from 0.
    pub round: u32,
    /// The position in the round, from 0.
    pub order: u32,
    /// The worker's number; none where none was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<u32>,
    /// When it started: RFC 3339, UTC.
    pub at: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it is not ok.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The samples; none where the outcome is not ok.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<Samples>,
    /// What was drawn, where the machine counts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub energy: Option<Energy>,
}

impl Launch {
    /// A launch that nothing has come of yet: the cell, its round and place in it, and when it starts.
    #[must_use]
    pub fn new(cell: Cell, (round, order): (u32, u32), at: String) -> Self {
        let outcome = Outcome::Ok;
        Launch { cell, round, order, worker: None, at, outcome, reason: None, samples: None, energy: None }
    }
}

/// A round that is over: what the machine did meanwhile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Round {
    /// The round, from 0.
    pub round: u32,
    /// Fixed pieces of work, timed right before and right after the round.
    #[serde(default)]
    pub canaries: Vec<Canary>,
    /// Why the round counts for nothing, if so: its launches are kept, and used nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub void: Option<String>,
    /// The machine's state right after its last launch, before its workers were ended.
    pub state: MachineState,
}

/// A fixed piece of work that takes longer when the machine is disturbed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Canary {
    /// What it does: `product`, `copy` or `spin`.
    pub canary: String,
    /// How long it took before the round, in ns, each time.
    pub before_ns: Vec<u64>,
    /// How long it took after it, in ns, each time.
    pub after_ns: Vec<u64>,
}

/// How a run, or one part of it, ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct End {
    /// When: RFC 3339, UTC.
    pub at: String,
    /// Whether every planned launch has its row.
    pub complete: bool,
    /// Why not, if not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The machine's state after the last launch.
    pub state: MachineState,
}

impl End {
    /// The reason of a run that its time limit ended.
    pub const TIME_UP: &'static str = "the time of the run was up";

    /// Whether the time limit ended it, and nothing else.
    #[must_use]
    pub fn is_time_up(&self) -> bool {
        !self.complete && self.reason.as_deref() == Some(Self::TIME_UP)
    }
}
