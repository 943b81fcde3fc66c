//! The rounds: every cell once a round, each round with fresh workers and in a new order. Every launch becomes a row as soon
//! as it is over, whatever came of it.

use crate::canary::{self, Canaries};
use crate::doubt::{Ask, Doubts, Group};
use crate::interrupt::interrupted;
use crate::progress::Progress;
use crate::targets::{self, Available, OpenWorker};
use crate::worker_process::WorkerError;
use crate::{memory, order, text};
use anyhow::Result;
use chipmark_core::{CaseId, Cell, Mode, Outcome, Samples, Target};
use chipmark_machine::energy::{Meter, Reading, spent};
use chipmark_results::canary::disturbance;
use chipmark_results::estimate::launch_median;
use chipmark_results::machine::Machine;
use chipmark_results::record::{Check, Energy, Launch, PlannedCase, Purpose, Record, Round, Settings};
use chipmark_results::store::ResultsFile;
use chipmark_results::store::Writer;
use chipmark_worker::sampler::calls_in;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// What a launch takes beside warming up and sampling, before there is experience: inputs, calibration, slow calls.
const OVERHEAD_S: f64 = 0.1;
/// What starting a worker takes, before there is experience.
const START_S: f64 = 0.5;
/// How many rounds are measured again, at most, because the machine was disturbed.
const RETRIES: usize = 3;

/// What is measured, and how.
pub(crate) struct Plan<'a> {
    pub cases: &'a [PlannedCase],
    pub targets: &'a [Available],
    pub settings: &'a Settings,
    pub machine: &'a Machine,
}

/// Why the rounds ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Complete,
    OverBudget,
    Interrupted,
}

/// Measures all that is missing, and appends it.
pub(crate) struct Rounds<'a> {
    plan: Plan<'a>,
    writer: &'a mut Writer,
    /// Why a case gets no time on a target.
    refused: HashMap<(CaseId, Target), (Outcome, String)>,
    done: HashSet<(Cell, u32)>,
    given_up: HashSet<Cell>,
    next_worker: u32,
    workers: HashMap<Target, OpenWorker>,
    took: HashMap<Cell, Duration>,
    deadline: Option<Instant>,
    doubts: Doubts,
    /// The rounds that count for nothing.
    void: HashSet<u32>,
    canaries: Canaries,
    meter: Meter,
}

impl<'a> Rounds<'a> {
    /// Prepares to measure what the file has not yet.
    pub(crate) fn new(
        plan: Plan<'a>,
        writer: &'a mut Writer,
        checks: &[Check],
        file: &ResultsFile,
        next_worker: u32,
        deadline: Option<Instant>,
    ) -> Self {
        let refused = checks
            .iter()
            .filter(|check| check.outcome != Outcome::Ok)
            .map(|check| {
                let why = check.reason.clone().unwrap_or_default();
                ((check.case.clone(), check.target.clone()), (check.outcome, why))
            })
            .collect();
        let mut rounds = Rounds {
            doubts: Doubts::new(plan.settings.seed, checks),
            plan,
            writer,
            refused,
            done: HashSet::new(),
            given_up: HashSet::new(),
            next_worker,
            workers: HashMap::new(),
            took: HashMap::new(),
            deadline,
            void: file.rounds.iter().filter(|round| round.void.is_some()).map(|round| round.round).collect(),
            canaries: Canaries::new(),
            meter: Meter::open(),
        };
        // What ran out of time, or was stopped, is tried again.
        for launch in file.launches.iter().filter(|launch| launch.outcome != Outcome::OverBudget) {
            rounds.note(launch);
        }
        rounds
    }

    fn note(&mut self, launch: &Launch) {
        self.done.insert((launch.cell.clone(), launch.round));
        // A crash may have come from outside; the rest would only come again.
        if !matches!(launch.outcome, Outcome::Ok | Outcome::Crashed) {
            self.given_up.insert(launch.cell.clone());
        }
        let median = launch.samples.as_ref().and_then(|samples| launch_median(launch.cell.mode, samples));
        if let Some(median_ns) = median.filter(|_| !self.void.contains(&launch.round)) {
            self.doubts.add(&launch.cell, launch.round, median_ns);
        }
    }

    fn is_due(&self, cell: &Cell, round: u32) -> bool {
        !self.given_up.contains(cell) && !self.done.contains(&(cell.clone(), round))
    }

    /// The number of the next worker.
    pub(crate) fn next_worker(&self) -> u32 {
        self.next_worker
    }

    /// Measures. Interruption and the end of the budget are no errors; a results file that cannot be written is one.
    pub(crate) fn run(&mut self) -> Result<Ended> {
        let settings = self.plan.settings;
        let (mut round, mut counted) = (0, 0);
        let mut ended = Ended::Complete;
        while counted < settings.rounds && ended == Ended::Complete {
            let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let ask = Ask { plan: &self.plan, counted, given_up: &self.given_up, left, took: &self.took };
            let wanted = self.doubts.next_round(&ask);
            if wanted.is_empty() {
                break;
            }
            ended = self.round(round, counted, &wanted)?;
            // Fresh workers every round.
            self.workers.clear();
            self.writer.sync()?;
            counted += u32::from(!self.void.contains(&round));
            round += 1;
        }
        if ended == Ended::OverBudget {
            self.write_over_budget()?;
        }
        Ok(ended)
    }

    /// Measures what of a round is due, between two songs of the canaries.
    fn round(&mut self, round: u32, counted: u32, wanted: &HashMap<Group, u32>) -> Result<Ended> {
        let settings = self.plan.settings;
        let mut cells = order::round(self.plan.cases, &self.targets(), settings.seed, round);
        cells.retain(|cell| wanted.contains_key(&(cell.case.clone(), cell.mode)));
        let due = cells.iter().filter(|cell| self.is_due(cell, round)).count() as u64;
        if due == 0 {
            return Ok(self.ended());
        }
        let title = match settings.precision {
            Some(_) => format!("round {} of {} at most", counted + 1, settings.rounds),
            None => format!("round {} of {}", counted + 1, settings.rounds),
        };
        let mut progress = Progress::start(&title, due);
        let mut left = self.left(&cells, round, wanted);
        let before = self.canaries.sing();
        for (at, cell) in cells.iter().enumerate() {
            if !self.is_due(cell, round) {
                continue;
            }
            let ended = self.ended();
            if ended != Ended::Complete {
                return Ok(ended);
            }
            progress.now(&cell.to_string(), Some(left));
            let expected = self.takes(cell);
            let started = Instant::now();
            let Some(launch) = self.launch(cell, round, u32::try_from(at).unwrap_or(u32::MAX))? else {
                return Ok(Ended::Interrupted);
            };
            left = left.saturating_sub(expected);
            self.took.insert(cell.clone(), started.elapsed());
            if launch.outcome != Outcome::Ok {
                let why = launch.reason.as_deref().unwrap_or_default();
                progress.say(&format!("{cell}: {}: {why}", launch.outcome));
            }
            self.note(&launch);
            self.writer.append(&Record::Launch(Box::new(launch)))?;
            progress.step();
        }
        // Before the canaries sing again the workers must be gone: some keep threads that spin.
        self.workers.clear();
        let canaries = canary::record(before, self.canaries.sing());
        let may_repeat = settings.precision.is_some() && self.void.len() < RETRIES;
        let void = disturbance(&canaries).filter(|_| may_repeat);
        if let Some(why) = &void {
            progress.say(&format!("round {} counts for nothing and is measured again: {why}", counted + 1));
            self.void.insert(round);
            self.doubts.forget(round);
        }
        self.writer.append(&Record::Round(Round { round, canaries, void, state: chipmark_machine::state() }))?;
        Ok(Ended::Complete)
    }

    fn targets(&self) -> Vec<Target> {
        self.plan.targets.iter().map(|available| available.target.clone()).collect()
    }

    fn ended(&self) -> Ended {
        if interrupted() {
            Ended::Interrupted
        } else if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            Ended::OverBudget
        } else {
            Ended::Complete
        }
    }

    /// A row for each cell that was never reached.
    fn write_over_budget(&mut self) -> Result<()> {
        let all = order::round(self.plan.cases, &self.targets(), self.plan.settings.seed, 0);
        let reached: HashSet<Cell> = self.done.iter().map(|(cell, _)| cell.clone()).collect();
        for (at, cell) in all.into_iter().enumerate().filter(|(_, cell)| !reached.contains(cell)) {
            let launch = Launch {
                cell,
                round: 0,
                order: u32::try_from(at).unwrap_or(u32::MAX),
                worker: None,
                at: text::now(),
                outcome: Outcome::OverBudget,
                reason: Some("the time of the run was up before its turn".to_owned()),
                samples: None,
                energy: None,
            };
            self.writer.append(&Record::Launch(Box::new(launch)))?;
        }
        Ok(())
    }

    /// One launch of a cell: a row, or nothing where it was interrupted.
    fn launch(&mut self, cell: &Cell, round: u32, order: u32) -> Result<Option<Launch>> {
        let mut launch = Launch {
            cell: cell.clone(),
            round,
            order,
            worker: None,
            at: text::now(),
            outcome: Outcome::Ok,
            reason: None,
            samples: None,
            energy: None,
        };
        let key = (cell.case.clone(), cell.target.clone());
        if let Some((outcome, why)) = self.refused.get(&key) {
            (launch.outcome, launch.reason) = (*outcome, Some(why.clone()));
            return Ok(Some(launch));
        }
        let planned = self.plan.cases.iter().find(|planned| planned.case == cell.case);
        let free = chipmark_machine::free_memory_bytes();
        if let Some(why) = planned.and_then(|planned| memory::does_not_fit(&planned.cost, free)) {
            (launch.outcome, launch.reason) = (Outcome::OutOfMemory, Some(why));
            return Ok(Some(launch));
        }
        match self.measure(cell, round, &mut launch)? {
            Ok(samples) => launch.samples = Some(samples),
            Err(WorkerError::Interrupted) => return Ok(None),
            Err(error) => (launch.outcome, launch.reason) = (error.outcome(), Some(error.to_string())),
        }
        Ok(Some(launch))
    }

    /// Has a worker measure a cell: its samples, or what went wrong. The outer error is the results file's.
    fn measure(&mut self, cell: &Cell, round: u32, launch: &mut Launch) -> Result<Result<Samples, WorkerError>> {
        let first_call = cell.mode == Mode::FirstCall;
        // A first call needs a process of its own; any other cell the round's.
        let kept = if first_call { None } else { self.workers.remove(&cell.target) };
        let mut worker = match kept {
            Some(worker) => worker,
            None => match self.start(cell, round)? {
                Ok(worker) => worker,
                Err(error) => return Ok(Err(error)),
            },
        };
        launch.worker = Some(worker.record.worker);
        let settings = self.plan.settings;
        let cold = memory::cold(settings.inputs, self.plan.machine);
        let timeout = Duration::from_secs_f64(settings.cell_timeout_s);
        let meter = &mut self.meter;
        let mut first: Option<(Vec<Reading>, Instant)> = None;
        let measured = worker.measure((&cell.case, cell.mode), settings.sampling, cold, timeout, || {
            // From the end of the first block on nothing but calls is drawn for.
            first.get_or_insert_with(|| (meter.read(), Instant::now()));
        });
        let (last, ended) = (self.meter.read(), Instant::now());
        let lives = measured.as_ref().err().is_none_or(WorkerError::worker_lives);
        if lives && !first_call {
            self.workers.insert(cell.target.clone(), worker);
        }
        if let (Ok(samples), Some((first, since))) = (&measured, first) {
            launch.energy = energy(cell.mode, samples, &spent(&first, &last), ended - since);
        }
        Ok(measured)
    }

    fn start(&mut self, cell: &Cell, round: u32) -> Result<Result<OpenWorker, WorkerError>> {
        let Some(available) = self.plan.targets.iter().find(|available| available.target == cell.target) else {
            return Ok(Err(WorkerError::Noise(format!("{} is no target of this run", cell.target))));
        };
        let purpose = if cell.mode == Mode::FirstCall { Purpose::FirstCall } else { Purpose::Round };
        targets::start(available, self.plan.settings, (purpose, Some(round)), &mut self.next_worker, self.writer)
    }

    /// How long a cell takes: what it took before, or else the average, or else by the plan.
    fn takes(&self, cell: &Cell) -> Duration {
        self.took.get(cell).copied().unwrap_or_else(|| self.takes_on_average())
    }

    fn takes_on_average(&self) -> Duration {
        match self.took.len() {
            0 => planned_launch(self.plan.settings),
            n => self.took.values().sum::<Duration>() / u32::try_from(n).unwrap_or(u32::MAX),
        }
    }

    /// How long is left at the start of a round: the round, and the rounds after it that each case will need.
    fn left(&self, cells: &[Cell], round: u32, wanted: &HashMap<Group, u32>) -> Duration {
        let average = self.takes_on_average();
        let of = |cell: &Cell| {
            let rounds = wanted.get(&(cell.case.clone(), cell.mode)).copied().unwrap_or(1);
            let due = u32::from(self.is_due(cell, round));
            self.took.get(cell).copied().unwrap_or(average) * (rounds - 1 + due)
        };
        cells.iter().filter(|cell| !self.given_up.contains(cell)).map(of).sum()
    }
}

/// What was drawn for the blocks after the first; nothing where nothing counts it, or there is but one block.
fn energy(mode: Mode, samples: &Samples, drawn: &[Reading], time: Duration) -> Option<Energy> {
    let blocks = (samples.block_ns.len() as u64).checked_sub(1)?;
    let calls = calls_in(mode, samples.calls).checked_mul(blocks)?;
    if drawn.is_empty() || calls == 0 {
        return None;
    }
    let joules = drawn.iter().map(|reading| (reading.counter.clone(), reading.joules.max(0.0))).collect();
    Some(Energy { calls, duration_ns: u64::try_from(time.as_nanos()).ok()?.max(1), joules })
}

/// What a launch takes by the plan.
fn planned_launch(settings: &Settings) -> Duration {
    let sampling = &settings.sampling;
    Duration::from_secs_f64(sampling.warm_up_s + sampling.sample_s + OVERHEAD_S)
}

/// What a whole run takes by the plan: (checks, rounds).
pub(crate) fn planned(plan: &Plan<'_>) -> (Duration, Duration) {
    let targets = u32::try_from(plan.targets.len()).unwrap_or(u32::MAX);
    let count = |first_call: bool| -> u32 {
        let modes = plan.cases.iter().flat_map(|case| &case.modes);
        u32::try_from(modes.filter(|&&mode| (mode == Mode::FirstCall) == first_call).count()).unwrap_or(u32::MAX)
    };
    let start = Duration::from_secs_f64(START_S);
    let round = planned_launch(plan.settings) * count(false) + start * (count(true) + 1);
    // A check is two calls or so of the framework and two of the reference.
    let cases = u32::try_from(plan.cases.len()).unwrap_or(u32::MAX);
    let checks = Duration::from_secs_f64(OVERHEAD_S) * cases * (targets + 2) + start * targets;
    (checks, round * targets * plan.settings.rounds)
}
