//! What each device can reach at best, measured once a run on workers of their own: copies, triads and sums of arrays that no
//! cache holds, and matrix products, larger and larger for as long as they are quick.

use crate::checks::Checker;
use crate::interrupt::interrupted;
use crate::memory;
use crate::progress::Progress;
use crate::targets::{Available, OpenWorker, options, unexpected};
use crate::text;
use crate::worker_process::WorkerError;
use anyhow::Result;
use chipmark_core::{CaseId, DType, Mode, Outcome, Samples, Sampling, Target};
use chipmark_results::estimate::launch_median;
use chipmark_results::machine::Machine;
use chipmark_results::record::{Ceiling, Purpose, Record, Run};
use chipmark_results::store::Writer;
use chipmark_results::valid::check_samples;
use chipmark_worker::protocol::{Reply, Request};
use chipmark_workloads::describe;
use std::collections::HashSet;
use std::time::Duration;

/// All arrays of a copy or a triad together are so many times the last-level cache.
const CACHES: u64 = 8;
/// The cache where the system tells none: more than any processor's that does not tell.
const CACHE_BYTES: u64 = 64 << 20;
/// The most bytes of an array: filling more takes longer than what is learnt is worth.
const ARRAY_BYTES: u64 = 512 << 20;
/// Matrices from so many rows and columns …
const SMALLEST: usize = 512;
/// … to so many, doubled for as long as …
const LARGEST: usize = 16384;
/// … the next product is expected to take no longer than this, in ns.
const NEXT_NS: f64 = 0.4e9;

/// How they are sampled: briefly, for it is the best that is looked for.
const SAMPLING: Sampling = Sampling {
    warm_up_s: 0.05,
    max_warm_up_s: 0.5,
    sample_s: 0.15,
    precision: None,
    min_samples: 3,
    max_samples: 1000,
    min_block_s: 0.01,
    max_block_s: 0.5,
};

/// Measures the ceilings that `known` has not: the number of the next worker, or nothing where it was interrupted. Targets whose
/// results mean nothing have none, nor have dtypes in which nothing of the run computes.
pub(crate) fn measure(
    writer: &mut Writer,
    run: &Run,
    known: &[Ceiling],
    targets: &[Available],
    mut next_worker: u32,
) -> Result<Option<u32>> {
    let computes = |mode: &Mode| matches!(mode, Mode::Latency | Mode::Throughput);
    let mut dtypes: Vec<DType> = Vec::new();
    for planned in run.cases.iter().filter(|planned| planned.modes.iter().any(computes)) {
        if !dtypes.contains(&planned.case.dtype) {
            dtypes.push(planned.case.dtype);
        }
    }
    let known: HashSet<(&Target, DType)> = known.iter().map(|ceiling| (&ceiling.target, ceiling.case.dtype)).collect();
    let arithmetic: HashSet<&Target> =
        run.targets.iter().filter(|info| info.arithmetic).map(|info| &info.target).collect();
    let due: Vec<(usize, DType)> = (0..targets.len())
        .flat_map(|at| dtypes.iter().map(move |&dtype| (at, dtype)))
        .filter(|(at, dtype)| {
            let target = targets.get(*at).map(|available| &available.target);
            target.is_some_and(|target| arithmetic.contains(target) && !known.contains(&(target, *dtype)))
        })
        .collect();
    let mut progress = Progress::start("ceilings", due.len() as u64);
    for (at, dtype) in due {
        let Some(available) = targets.get(at..=at) else { continue };
        let target = available.iter().map(|available| &available.target).next();
        progress.now(&format!("{} {dtype}", target.map(ToString::to_string).unwrap_or_default()), None);
        let mut probe = Probe { writer, run, available, worker: None, next_worker };
        let done = probe.dtype(dtype)?;
        next_worker = probe.next_worker;
        if !done {
            return Ok(None);
        }
        progress.step();
    }
    writer.sync()?;
    Ok(Some(next_worker))
}

/// Finds the ceilings of one target.
struct Probe<'a> {
    writer: &'a mut Writer,
    run: &'a Run,
    /// The one target.
    available: &'a [Available],
    worker: Option<OpenWorker>,
    next_worker: u32,
}

impl Probe<'_> {
    /// Measures all of one dtype: whether it was not interrupted.
    fn dtype(&mut self, dtype: DType) -> Result<bool> {
        let bytes = |arrays| array_bytes(&self.run.machine, arrays);
        // On the host a large output is made of pages that the system has to clear first, for most frameworks in every call: a
        // sum, which has none, tells what the memory itself gives.
        let traffic = [
            (of_size("copy", bytes(2), dtype), of_size("copy", 64 << 10, dtype)),
            (of_size("triad", bytes(3), dtype), of_size("triad", 64 << 10, dtype)),
            (sum(bytes(1), dtype), sum(64 << 10, dtype)),
        ];
        for (case, tiny) in traffic {
            if interrupted() || self.ceiling(&case, &tiny)?.is_none() {
                return Ok(false);
            }
        }
        let mut n = SMALLEST;
        let tiny = product(64, dtype);
        while n <= LARGEST {
            if interrupted() {
                return Ok(false);
            }
            let Some(ceiling) = self.ceiling(&product(n, dtype), &tiny)? else { return Ok(false) };
            let took_ns = ceiling.samples.as_ref().and_then(|samples| launch_median(Mode::Latency, samples));
            // Twice the rows, columns and inner length are eight times the work.
            if took_ns.is_none_or(|ns| ns * 8.0 > NEXT_NS) {
                break;
            }
            n *= 2;
        }
        Ok(true)
    }

    /// Measures one piece of work, once it is known from a small one of its kind that it is done right, and writes it down.
    /// Nothing where it was interrupted.
    fn ceiling(&mut self, case: &CaseId, small: &CaseId) -> Result<Option<Ceiling>> {
        let Some(available) = self.available.first() else { return Ok(None) };
        let info = describe(case).map_err(|error| anyhow::anyhow!("{case}: {error}"))?;
        let mut ceiling = Ceiling {
            target: available.target.clone(),
            case: case.clone(),
            cost: info.cost,
            worker: None,
            at: text::now(),
            outcome: Outcome::Ok,
            reason: None,
            samples: None,
        };
        match self.samples(case, small, &mut ceiling)? {
            Ok(samples) => ceiling.samples = Some(samples),
            Err(WorkerError::Interrupted) => return Ok(None),
            Err(error) => (ceiling.outcome, ceiling.reason) = (error.outcome(), Some(error.to_string())),
        }
        self.writer.append(&Record::Ceiling(Box::new(ceiling.clone())))?;
        Ok(Some(ceiling))
    }

    fn samples(
        &mut self,
        case: &CaseId,
        small: &CaseId,
        ceiling: &mut Ceiling,
    ) -> Result<Result<Samples, WorkerError>> {
        if let Some(why) = memory::does_not_fit(&ceiling.cost, chipmark_machine::free_memory_bytes()) {
            return Ok(Err(WorkerError::Refused { outcome: Outcome::OutOfMemory, message: why }));
        }
        if let Err(error) = self.check(small)? {
            return Ok(Err(error));
        }
        let mut worker = match self.worker.take() {
            Some(worker) => worker,
            None => match self.start()? {
                Ok(worker) => worker,
                Err(error) => return Ok(Err(error)),
            },
        };
        ceiling.worker = Some(worker.record.worker);
        let request = Request::Measure { case: case.clone(), mode: Mode::Latency, sampling: SAMPLING, cold: None };
        let mut blocks = Samples::default();
        let reply = worker.process.ask_streaming(&request, self.timeout(), |block| {
            block.append_to(&mut blocks);
            blocks.block_ns.len() <= SAMPLING.max_samples as usize
        });
        if reply.as_ref().err().is_none_or(WorkerError::worker_lives) {
            self.worker = Some(worker);
        }
        Ok(reply.and_then(|reply| {
            let Reply::Measured { samples } = reply else { return Err(unexpected(&reply)) };
            let mut samples = *samples;
            samples.take_blocks(blocks);
            let good = check_samples(Mode::Latency, &samples);
            good.map_err(|why| WorkerError::Noise(format!("samples that cannot be: {why}")))?;
            Ok(samples)
        }))
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs_f64(self.run.settings.cell_timeout_s)
    }

    /// Whether the target does this right.
    fn check(&mut self, case: &CaseId) -> Result<Result<(), WorkerError>> {
        let mut checker =
            Checker::new(self.available, options(&self.run.settings), self.timeout(), Vec::new(), self.next_worker);
        let records = match checker.check(case) {
            Ok(records) => records,
            Err(error) => return Ok(Err(error)),
        };
        self.next_worker = checker.next_worker();
        let mut checked = Ok(());
        for record in records {
            match record {
                Record::Check(check) if check.outcome != Outcome::Ok => {
                    let message = check.reason.unwrap_or_default();
                    checked = Err(WorkerError::Refused { outcome: check.outcome, message });
                }
                // The case is none of the run's, and its record is not needed: the ceiling says what came of it.
                Record::Check(_) => {}
                other => self.writer.append(&other)?,
            }
        }
        Ok(checked)
    }

    fn start(&mut self) -> Result<Result<OpenWorker, WorkerError>> {
        let Some(available) = self.available.first() else {
            return Ok(Err(WorkerError::Noise("there is no target".to_owned())));
        };
        let options = options(&self.run.settings);
        let started = OpenWorker::start(available, &options, self.next_worker, Purpose::Ceiling, None);
        if let Ok(worker) = &started {
            self.next_worker += 1;
            self.writer.append(&Record::Worker(worker.record.clone()))?;
        }
        Ok(started)
    }
}

/// The bytes of one of so many arrays, in whole MiB.
fn array_bytes(machine: &Machine, arrays: u64) -> u64 {
    let cache = machine.last_level_cache_bytes.unwrap_or(CACHE_BYTES);
    let wanted = (cache.saturating_mul(CACHES) / arrays).min(ARRAY_BYTES);
    // The rest of the machine, and the host's copies, have to live beside them.
    let affordable = machine.memory_bytes.map_or(wanted, |memory| memory / (8 * arrays));
    wanted.min(affordable).max(1 << 20).next_multiple_of(1 << 20)
}

fn of_size(workload: &str, bytes: u64, dtype: DType) -> CaseId {
    let label =
        if bytes.is_multiple_of(1 << 20) { format!("{}MiB", bytes >> 20) } else { format!("{}KiB", bytes >> 10) };
    CaseId { workload: workload.to_owned(), label, dtype }
}

/// A sum of all elements of so many bytes, in rows of 64 KiB.
fn sum(bytes: u64, dtype: DType) -> CaseId {
    let row = (64 << 10) / dtype.size_bytes();
    CaseId { workload: "sum_all".to_owned(), label: format!("{}x{row}", bytes >> 16), dtype }
}

fn product(n: usize, dtype: DType) -> CaseId {
    CaseId { workload: "matmul".to_owned(), label: format!("{n}x{n}@{n}x{n}"), dtype }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_are_cases() {
        for case in [
            of_size("copy", 64 << 10, DType::F32),
            of_size("triad", 3 << 20, DType::BF16),
            product(512, DType::F16),
            sum(1 << 20, DType::F16),
        ] {
            assert_eq!(describe(&case).unwrap().case, case);
        }
    }

    #[test]
    fn arrays_leave_the_cache_and_fit_into_memory() {
        let mut machine = Machine::default();
        (machine.last_level_cache_bytes, machine.memory_bytes) = (Some(32 << 20), Some(64 << 30));
        assert_eq!(array_bytes(&machine, 2), 128 << 20);
        assert_eq!(array_bytes(&machine, 3), 86 << 20);
        assert_eq!(array_bytes(&machine, 1), 256 << 20);
        (machine.last_level_cache_bytes, machine.memory_bytes) = (Some(480 << 20), Some(8 << 30));
        assert_eq!(array_bytes(&machine, 2), 512 << 20);
        machine.memory_bytes = Some(4 << 30);
        assert_eq!(array_bytes(&machine, 2), 256 << 20);
    }
}
