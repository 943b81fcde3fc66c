//! The rounds: every cell once a round, each round with fresh workers and in a new order. Every launch becomes a row as soon
//! as it is over, whatever came of it.

use crate::interrupt::interrupted;
use crate::progress::Progress;
use crate::targets::{Available, OpenWorker, unexpected};
use crate::worker_process::WorkerError;
use crate::{memory, order, text};
use anyhow::Result;
use chipmark_core::{CaseId, Cell, Mode, Outcome, Samples, Target};
use chipmark_results::record::{Check, Launch, PlannedCase, Purpose, Record, Settings};
use chipmark_results::store::Writer;
use chipmark_results::valid::check_samples;
use chipmark_worker::protocol::{Reply, Request};
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// What a launch takes beside warming up and sampling, before there is experience: inputs, calibration, slow calls.
const OVERHEAD_S: f64 = 0.1;
/// What starting a worker takes, before there is experience.
const START_S: f64 = 0.5;

/// What is measured, and how.
pub(crate) struct Plan<'a> {
    pub cases: &'a [PlannedCase],
    pub targets: &'a [Available],
    pub settings: &'a Settings,
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
}

impl<'a> Rounds<'a> {
    /// Prepares to measure what `launches` has not yet.
    pub(crate) fn new(
        plan: Plan<'a>,
        writer: &'a mut Writer,
        checks: &[Check],
        launches: &[Launch],
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
            plan,
            writer,
            refused,
            done: HashSet::new(),
            given_up: HashSet::new(),
            next_worker,
            workers: HashMap::new(),
            took: HashMap::new(),
            deadline,
        };
        // What ran out of time, or was stopped, is tried again.
        for launch in launches.iter().filter(|launch| launch.outcome != Outcome::OverBudget) {
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
    }

    fn is_due(&self, cell: &Cell, round: u32) -> bool {
        !self.given_up.contains(cell) && !self.done.contains(&(cell.clone(), round))
    }

    /// Measures. Interruption and the end of the budget are no errors; a results file that cannot be written is one.
    pub(crate) fn run(&mut self) -> Result<Ended> {
        let targets: Vec<Target> = self.plan.targets.iter().map(|available| available.target.clone()).collect();
        let settings = self.plan.settings;
        let all = order::round(self.plan.cases, &targets, settings.seed, 0);
        let mut ended = Ended::Complete;
        'rounds: for round in 0..settings.rounds {
            let cells = order::round(self.plan.cases, &targets, settings.seed, round);
            let due = cells.iter().filter(|cell| self.is_due(cell, round)).count() as u64;
            if due == 0 {
                continue;
            }
            let mut progress = Progress::start(&format!("round {} of {}", round + 1, settings.rounds), due);
            for (at, cell) in cells.iter().enumerate() {
                if !self.is_due(cell, round) {
                    continue;
                }
                ended = self.ended();
                if ended != Ended::Complete {
                    break 'rounds;
                }
                progress.now(&cell.to_string(), Some(self.left(&cells[at..], &all, round)));
                let started = Instant::now();
                let Some(launch) = self.launch(cell, round, u32::try_from(at).unwrap_or(u32::MAX))? else {
                    ended = Ended::Interrupted;
                    break 'rounds;
                };
                self.took.insert(cell.clone(), started.elapsed());
                if launch.outcome != Outcome::Ok {
                    let why = launch.reason.as_deref().unwrap_or_default();
                    progress.say(&format!("{cell}: {}: {why}", launch.outcome));
                }
                self.note(&launch);
                self.writer.append(&Record::Launch(launch))?;
                progress.step();
            }
            // Fresh workers every round.
            self.workers.clear();
            self.writer.sync()?;
        }
        self.workers.clear();
        if ended == Ended::OverBudget {
            self.write_over_budget(all)?;
        }
        Ok(ended)
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
    fn write_over_budget(&mut self, all: Vec<Cell>) -> Result<()> {
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
            };
            self.writer.append(&Record::Launch(launch))?;
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
        let request =
            Request::Measure { case: cell.case.clone(), mode: cell.mode, sampling: self.plan.settings.sampling };
        let timeout = Duration::from_secs_f64(self.plan.settings.cell_timeout_s);
        let mut blocks = Samples::default();
        // A worker that sends more than it was asked for is not believed, and fills neither memory nor the file.
        let most = self.plan.settings.sampling.max_samples as usize;
        let reply = worker.process.ask_streaming(&request, timeout, |block| {
            block.append_to(&mut blocks);
            blocks.block_ns.len() <= most
        });
        let lives = reply.as_ref().err().is_none_or(WorkerError::worker_lives);
        if lives && !first_call {
            self.workers.insert(cell.target.clone(), worker);
        }
        Ok(match reply {
            Ok(Reply::Measured { samples }) => {
                let mut samples = *samples;
                samples.take_blocks(blocks);
                // What could not be read back is not written.
                match check_samples(cell.mode, &samples) {
                    Ok(()) => Ok(samples),
                    Err(why) => Err(WorkerError::Noise(format!("samples that cannot be: {why}"))),
                }
            }
            Ok(other) => Err(unexpected(&other)),
            Err(error) => Err(error),
        })
    }

    fn start(&mut self, cell: &Cell, round: u32) -> Result<Result<OpenWorker, WorkerError>> {
        let Some(available) = self.plan.targets.iter().find(|available| available.target == cell.target) else {
            return Ok(Err(WorkerError::Noise(format!("{} is no target of this run", cell.target))));
        };
        let options = crate::targets::options(self.plan.settings);
        let purpose = if cell.mode == Mode::FirstCall { Purpose::FirstCall } else { Purpose::Round };
        let started = OpenWorker::start(available, &options, self.next_worker, purpose, Some(round));
        if let Ok(worker) = &started {
            self.next_worker += 1;
            self.writer.append(&Record::Worker(worker.record.clone()))?;
        }
        Ok(started)
    }

    /// How long is left: the rest of this round and the rounds after it, by what each cell took before, or else by the
    /// average, or else by the plan.
    fn left(&self, rest: &[Cell], all: &[Cell], round: u32) -> Duration {
        let average = match self.took.len() {
            0 => planned_launch(self.plan.settings),
            n => self.took.values().sum::<Duration>() / u32::try_from(n).unwrap_or(u32::MAX),
        };
        let of = |cell: &Cell| self.took.get(cell).copied().unwrap_or(average);
        let this_round: Duration = rest.iter().filter(|cell| self.is_due(cell, round)).map(of).sum();
        let a_round: Duration = all.iter().filter(|cell| !self.given_up.contains(cell)).map(of).sum();
        this_round + a_round * (self.plan.settings.rounds - 1 - round.min(self.plan.settings.rounds - 1))
    }
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
