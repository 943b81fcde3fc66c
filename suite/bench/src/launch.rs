//! What a round is made of: launches, each a worker's measurement of one cell, the canaries' songs, and the machine's state.

use crate::canary::{Canaries, Times};
use crate::rounds::Plan;
use crate::targets::{self, OpenWorker};
use crate::worker_process::WorkerError;
use crate::{memory, text};
use anyhow::Result;
use chipmark_core::{CaseId, Cell, Mode, Outcome, Samples, Target};
use chipmark_machine::energy::{Meter, Reading, spent};
use chipmark_results::machine::MachineState;
use chipmark_results::record::{Check, Energy, Launch, Purpose};
use chipmark_results::store::Writer;
use chipmark_worker::sampler::calls_in;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// What the rounds measure with. The tests have instruments of their own.
pub(crate) trait Instruments {
    /// One launch of a cell: a row, or nothing where it was interrupted.
    fn launch(&mut self, cell: &Cell, round: u32, order: u32, writer: &mut Writer) -> Result<Option<Launch>>;
    /// Ends the workers of a round: the next has fresh ones.
    fn end_workers(&mut self);
    /// Times the canaries.
    fn sing(&mut self) -> Times;
    /// Reads the machine's state.
    fn state(&mut self) -> MachineState;
}

/// Worker processes, this process's canaries, and the machine.
pub(crate) struct Workers<'a> {
    plan: Plan<'a>,
    /// Why a case gets no time on a target.
    refused: HashMap<(CaseId, Target), (Outcome, String)>,
    next_worker: u32,
    workers: HashMap<Target, OpenWorker>,
    canaries: Canaries,
    meter: Meter,
}

impl<'a> Workers<'a> {
    /// None is started yet. What is not right by its check will not be measured.
    pub(crate) fn new(plan: Plan<'a>, checks: &[Check], next_worker: u32) -> Self {
        let refused = checks
            .iter()
            .filter(|check| check.outcome != Outcome::Ok)
            .map(|check| {
                let why = check.reason.clone().unwrap_or_default();
                ((check.case.clone(), check.target.clone()), (check.outcome, why))
            })
            .collect();
        Workers { plan, refused, next_worker, workers: HashMap::new(), canaries: Canaries::new(), meter: Meter::open() }
    }

    /// The number of the next worker.
    pub(crate) fn next_worker(&self) -> u32 {
        self.next_worker
    }

    /// Has a worker measure a cell: its samples, or what went wrong. The outer error is the results file's.
    fn measure(
        &mut self,
        cell: &Cell,
        launch: &mut Launch,
        writer: &mut Writer,
    ) -> Result<Result<Samples, WorkerError>> {
        let first_call = cell.mode == Mode::FirstCall;
        // A first call needs a process of its own; any other cell the round's.
        let kept = if first_call { None } else { self.workers.remove(&cell.target) };
        let mut worker = match kept {
            Some(worker) => worker,
            None => match self.start(cell, launch.round, writer)? {
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

    fn start(&mut self, cell: &Cell, round: u32, writer: &mut Writer) -> Result<Result<OpenWorker, WorkerError>> {
        let Some(available) = self.plan.targets.iter().find(|available| available.target == cell.target) else {
            return Ok(Err(WorkerError::Noise(format!("{} is no target of this run", cell.target))));
        };
        let purpose = if cell.mode == Mode::FirstCall { Purpose::FirstCall } else { Purpose::Round };
        targets::start(available, self.plan.settings, (purpose, Some(round)), &mut self.next_worker, writer)
    }
}

impl Instruments for Workers<'_> {
    fn launch(&mut self, cell: &Cell, round: u32, order: u32, writer: &mut Writer) -> Result<Option<Launch>> {
        let mut launch = Launch::new(cell.clone(), (round, order), text::now());
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
        match self.measure(cell, &mut launch, writer)? {
            Ok(samples) => launch.samples = Some(samples),
            Err(WorkerError::Interrupted) => return Ok(None),
            Err(error) => (launch.outcome, launch.reason) = (error.outcome(), Some(error.to_string())),
        }
        Ok(Some(launch))
    }

    fn end_workers(&mut self) {
        self.workers.clear();
    }

    fn sing(&mut self) -> Times {
        self.canaries.sing()
    }

    fn state(&mut self) -> MachineState {
        chipmark_machine::state()
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
