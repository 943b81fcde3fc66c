//! The rules a record obeys beyond its types. The reader applies them to files, the writer to what it is given, and a
//! caller that gets samples from a worker process can apply them first: all three are outside input.

use crate::contribution::Contribution;
use crate::one_line::shown;
use crate::record::{Ceiling, Check, Energy, Launch, MemoryPass, Run, SCHEMA, Samples, Settings, TargetInfo, Worker};
use chipmark_core::worker_env::{MAX_ROUNDS, check_env, check_threads};
use chipmark_core::{CaseId, Mode, Outcome, Target};
use std::collections::{HashMap, HashSet};

/// The most cells that a run's header may plan.
pub const MAX_CELLS: usize = 1_000_000;

/// The longest block that is believed: ten days, in ns.
pub const MAX_BLOCK_NS: u64 = 10 * 24 * 3600 * 1_000_000_000;

/// The most calls in a block that are believed.
pub const MAX_CALLS: u64 = 1_000_000_000_000;

/// The longest time limit of a run or a cell: three years, in seconds.
pub const MAX_LIMIT_S: f64 = 1e8;

/// The highest number of a worker process that is believed.
pub const MAX_WORKER: u32 = 1 << 30;

/// The cells that a run's header plans, for looking them up.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    targets: HashSet<Target>,
    modes: HashMap<CaseId, Vec<Mode>>,
}

impl Plan {
    /// The plan of a header.
    ///
    /// # Errors
    /// A line that says which rule the header breaks: another schema, settings that no run can have, a case or target that
    /// stands there twice, too many cells.
    pub fn of(run: &Run) -> Result<Self, String> {
        // Older files are brought to the present schema before they are parsed.
        if run.schema != SCHEMA {
            return Err(format!("schema {} is not {SCHEMA}, which this program writes", run.schema));
        }
        check_settings(&run.settings)?;
        run.contribution.iter().try_for_each(Contribution::check)?;
        run.targets.iter().try_for_each(check_target)?;
        let mut plan = Plan::default();
        for info in &run.targets {
            if !plan.targets.insert(info.target.clone()) {
                return Err(format!("the target {} stands in the header twice", info.target));
            }
        }
        let mut cells = 0usize;
        for planned in &run.cases {
            let distinct: HashSet<Mode> = planned.modes.iter().copied().collect();
            if distinct.len() != planned.modes.len() {
                return Err(format!("a mode of {} stands in the header twice", planned.case));
            }
            if plan.modes.insert(planned.case.clone(), planned.modes.clone()).is_some() {
                return Err(format!("the case {} stands in the header twice", planned.case));
            }
            cells = cells.saturating_add(planned.modes.len().saturating_mul(run.targets.len()));
        }
        if cells > MAX_CELLS {
            return Err(format!("the header plans {cells} cells; at most {MAX_CELLS} are believed"));
        }
        Ok(plan)
    }

    fn target(&self, target: &Target) -> Result<(), String> {
        let known = self.targets.contains(target);
        if known { Ok(()) } else { Err(format!("the target {target} is not in the run's header")) }
    }

    fn case(&self, case: &CaseId) -> Result<&[Mode], String> {
        self.modes.get(case).map(Vec::as_slice).ok_or_else(|| format!("the case {case} is not in the run's header"))
    }

    /// Whether a worker is of this run.
    ///
    /// # Errors
    /// A line that names the target that is not, or a number that cannot be.
    pub fn worker(&self, worker: &Worker) -> Result<(), String> {
        self.target(&worker.target)?;
        if worker.worker > MAX_WORKER {
            return Err(format!("a worker of number {} cannot be", worker.worker));
        }
        Ok(())
    }

    /// Whether a check is of this run.
    ///
    /// # Errors
    /// A line that names what is not.
    pub fn check(&self, check: &Check) -> Result<(), String> {
        self.target(&check.target)?;
        self.case(&check.case).map(|_| ())
    }

    /// Whether a launch is of this run, has samples exactly where its outcome is ok, and whether they can be believed.
    ///
    /// # Errors
    /// A line that says what is wrong.
    pub fn launch(&self, launch: &Launch) -> Result<(), String> {
        self.target(&launch.cell.target)?;
        if !self.case(&launch.cell.case)?.contains(&launch.cell.mode) {
            return Err(format!("the run has no mode {} for the case {}", launch.cell.mode, launch.cell.case));
        }
        launch.energy.as_ref().map_or(Ok(()), check_energy).map_err(|what| format!("{}: {what}", launch.cell))?;
        let samples = launch.samples.as_ref();
        fits_outcome(
            launch.outcome,
            samples.map(|samples| check_samples(launch.cell.mode, samples)),
            ["are no samples", "are samples"],
        )
        .map_err(|what| format!("{}: {what}", launch.cell))
    }

    /// Whether a ceiling is of a target of this run, and whether its samples can be believed.
    ///
    /// # Errors
    /// A line that says what is wrong.
    pub fn ceiling(&self, ceiling: &Ceiling) -> Result<(), String> {
        self.target(&ceiling.target)?;
        let samples = ceiling.samples.as_ref().map(|samples| check_samples(Mode::Latency, samples));
        fits_outcome(ceiling.outcome, samples, ["are no samples", "are samples"])
            .map_err(|what| format!("the ceiling {} of {}: {what}", ceiling.case, ceiling.target))
    }

    /// Whether a count of memory is of this run.
    ///
    /// # Errors
    /// A line that says what is wrong.
    pub fn memory(&self, memory: &MemoryPass) -> Result<(), String> {
        self.target(&memory.target)?;
        self.case(&memory.case)?;
        fits_outcome(memory.outcome, memory.memory.map(|_| Ok(())), ["is no count", "is a count"])
            .map_err(|what| format!("the memory of {} on {}: {what}", memory.case, memory.target))
    }
}

/// Whether a run can have these settings: a file's are used when it is gone on with, or measured again as a baseline.
fn check_settings(settings: &Settings) -> Result<(), String> {
    let Settings { rounds, min_rounds, precision, threads, budget_s, sampling, cell_timeout_s, .. } = settings;
    if !(1..=MAX_ROUNDS).contains(rounds) {
        return Err(format!("settings: {rounds} rounds; they must be 1 to {MAX_ROUNDS}"));
    }
    if let Some(least) = min_rounds.filter(|least| !(1..=*rounds).contains(least)) {
        return Err(format!("settings: at least {least} rounds of {rounds} at most"));
    }
    if let Some(share) = precision.filter(|share| !(*share > 0.0 && *share < 1.0)) {
        return Err(format!("settings: a precision of {share:?} is not between 0 and 1"));
    }
    let is_limit = |seconds: f64| seconds > 0.0 && seconds <= MAX_LIMIT_S;
    for (what, seconds) in [("budget", *budget_s), ("cell timeout", Some(*cell_timeout_s))] {
        if let Some(seconds) = seconds.filter(|seconds| !is_limit(*seconds)) {
            // As 1e300, and not as three hundred digits.
            return Err(format!("settings: a {what} of {seconds:?} s; it must be above 0 and at most {MAX_LIMIT_S} s"));
        }
    }
    check_threads(*threads).and_then(|()| sampling.check()).map_err(|why| format!("settings: {why}"))
}

/// Whether a target's worker can be started as the file says.
fn check_target(info: &TargetInfo) -> Result<(), String> {
    check_threads(info.threads).and_then(|()| check_env(&info.env)).map_err(|why| format!("{}: {why}", info.target))
}

/// Whether there is something good exactly where the outcome is ok.
fn fits_outcome(outcome: Outcome, found: Option<Result<(), String>>, [none, some]: [&str; 2]) -> Result<(), String> {
    match (found, outcome) {
        (Some(good), Outcome::Ok) => good,
        (None, Outcome::Ok) => Err(format!("the outcome is ok, but there {none}")),
        (Some(_), outcome) => Err(format!("the outcome is {outcome}, yet there {some}")),
        (None, _) => Ok(()),
    }
}

/// Whether what was drawn can be believed: calls that took time, and counters that counted up.
fn check_energy(energy: &Energy) -> Result<(), String> {
    if energy.calls == 0 || energy.calls > MAX_CALLS || energy.duration_ns == 0 {
        return Err("energy of no calls, or of no time".to_owned());
    }
    match energy.joules.iter().find(|(_, joules)| !joules.is_finite() || **joules < 0.0) {
        Some((counter, joules)) => Err(format!("{joules:?} J cannot be what {} counted", shown(counter, 16))),
        None => Ok(()),
    }
}

/// Whether a launch's samples can be believed: at least one block, of at least one call; no block that took no time or
/// longer than [`MAX_BLOCK_NS`]; as many blocks of 4k as of k in throughput.
///
/// # Errors
/// A line that says what is wrong.
pub fn check_samples(mode: Mode, samples: &Samples) -> Result<(), String> {
    if samples.calls == 0 || samples.calls > MAX_CALLS {
        return Err(format!("{} calls in a block cannot be", samples.calls));
    }
    if samples.block_ns.is_empty() {
        return Err("there is no block of calls".to_owned());
    }
    if samples.block_ns.iter().chain(&samples.block4_ns).any(|&ns| ns == 0) {
        return Err("a block took no time".to_owned());
    }
    let all = [
        &samples.block_ns,
        &samples.block4_ns,
        &samples.submit4_ns,
        &samples.upload_ns,
        &samples.step_ns,
        &samples.download_ns,
    ];
    if let Some(ns) = all.into_iter().flatten().find(|&&ns| ns > MAX_BLOCK_NS) {
        return Err(format!("a block of {ns} ns cannot be"));
    }
    let (blocks, blocks4, submits) = (samples.block_ns.len(), samples.block4_ns.len(), samples.submit4_ns.len());
    if mode == Mode::Throughput && blocks != blocks4 {
        return Err(format!("{blocks} blocks of k calls, but {blocks4} of 4k"));
    }
    if submits != 0 && submits != blocks4 {
        return Err(format!("{blocks4} blocks of 4k calls, but {submits} times of submitting them"));
    }
    Ok(())
}
