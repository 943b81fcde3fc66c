//! What each device can reach at best, measured once a run on workers of their own: copies, triads and sums of arrays that no
//! cache holds, and matrix products, larger and larger for as long as they are quick.

use crate::checks::Checker;
use crate::interrupt::interrupted;
use crate::memory;
use crate::progress::Progress;
use crate::targets::{self, Available, OpenWorker, options};
use crate::text;
use crate::worker_process::WorkerError;
use anyhow::Result;
use chipmark_core::{CaseId, DType, Mode, Outcome, Samples, Sampling, Target};
use chipmark_results::estimate::launch_median;
use chipmark_results::machine::Machine;
use chipmark_results::record::{Ceiling, Purpose, Record, Run};
use chipmark_results::store::Writer;
use chipmark_workloads::describe;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

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

/// What the ceilings of one dtype take on one target, more or less: three passes over memory and some four products.
pub(crate) const DTYPE_S: f64 = 5.0;

/// Measures the ceilings that `known` has not, of as many targets and dtypes as can be done `until` then: the number of the next worker, or nothing where it was interrupted. Targets whose
/// results mean nothing have none, nor have dtypes in which nothing of the run computes.
pub(crate) fn measure(
    writer: &mut Writer,
    run: &Run,
    known: &[Ceiling],
    targets: &[Available],
    mut next_worker: u32,
    until: Option<Instant>,
) -> Result<Option<u32>> {
    let computes = |mode: &Mode| matches!(mode, Mode::Latency | Mode::Throughput);
    let mut dtypes: Vec<DType> = Vec::new();
    for planned in run.cases.iter().filter(|planned| planned.modes.iter().any(computes)) {
        if !dtypes.contains(&planned.case.dtype) {
            dtypes.push(planned.case.dtype);
        }
    }
    let arithmetic: HashSet<&Target> =
        run.targets.iter().filter(|info| info.arithmetic).map(|info| &info.target).collect();
    let due: Vec<(&Available, Tried, Vec<DType>)> = targets
        .iter()
        .filter(|available| arithmetic.contains(&available.target))
        .map(|available| {
            let tried = tried(known, &available.target);
            let dtypes = dtypes.iter().copied().filter(|&dtype| next(&run.machine, dtype, &tried).is_some()).collect();
            (available, tried, dtypes)
        })
        .collect();
    let mut progress = Progress::start("ceilings", due.iter().map(|(_, _, dtypes)| dtypes.len() as u64).sum());
    for (available, tried, dtypes) in due.into_iter().filter(|(_, _, dtypes)| !dtypes.is_empty()) {
        let mut probe = Probe {
            writer,
            run,
            available,
            tried,
            refused: HashMap::new(),
            tf32: HashSet::new(),
            worker: None,
            next_worker,
        };
        if !probe.check(&dtypes)? {
            return Ok(None);
        }
        for dtype in dtypes {
            // One dtype is not begun that cannot be ended: half of its work would be a ceiling too low.
            if until.is_some_and(|until| Instant::now() + Duration::from_secs_f64(DTYPE_S) > until) {
                progress.say("ceilings: there is no time for the rest, which gets no shares; without --budget they are all measured");
                return Ok(Some(probe.next_worker));
            }
            progress.now(&format!("{} {dtype}", available.target), None);
            if !probe.dtype(dtype)? {
                return Ok(None);
            }
            progress.step();
        }
        next_worker = probe.next_worker;
    }
    writer.sync()?;
    Ok(Some(next_worker))
}

/// The kinds of work that show a ceiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Copy,
    Triad,
    /// On the host a large output is made of pages that the system has to clear first, for most frameworks in every call: a
    /// sum, which has none, tells what the memory itself gives.
    Sum,
    Product,
}

impl Kind {
    const ALL: [Kind; 4] = [Kind::Copy, Kind::Triad, Kind::Sum, Kind::Product];

    /// The small size at which it is checked, once.
    fn small(self, dtype: DType) -> CaseId {
        const BYTES: u64 = 64 << 10;
        match self {
            Kind::Copy => of_size("copy", BYTES, dtype),
            Kind::Triad => of_size("triad", BYTES, dtype),
            Kind::Sum => sum(BYTES, dtype),
            Kind::Product => product(64, dtype),
        }
    }
}

/// What was tried on one target, with how long a call took in ns; nothing for what was not ok.
type Tried = HashMap<CaseId, Option<f64>>;

/// What a file says was tried on a target. A run that was interrupted among the ceilings goes on behind the last of them.
fn tried(known: &[Ceiling], target: &Target) -> Tried {
    let its = known.iter().filter(|ceiling| ceiling.target == *target);
    its.map(|ceiling| (ceiling.case.clone(), took_ns(ceiling))).collect()
}

fn took_ns(ceiling: &Ceiling) -> Option<f64> {
    ceiling.samples.as_ref().and_then(|samples| launch_median(Mode::Latency, samples))
}

/// The piece of work of a dtype that comes next after those that were tried; nothing where all are done: each kind of traffic
/// once, then products for as long as they are quick.
fn next(machine: &Machine, dtype: DType, tried: &Tried) -> Option<(Kind, CaseId)> {
    let bytes = |arrays| array_bytes(machine, arrays);
    let traffic = [
        (Kind::Copy, of_size("copy", bytes(2), dtype)),
        (Kind::Triad, of_size("triad", bytes(3), dtype)),
        (Kind::Sum, sum(bytes(1), dtype)),
    ];
    if let Some(missing) = traffic.into_iter().find(|(_, case)| !tried.contains_key(case)) {
        return Some(missing);
    }
    let mut n = SMALLEST;
    while n <= LARGEST {
        let case = product(n, dtype);
        match tried.get(&case) {
            None => return Some((Kind::Product, case)),
            // Twice the rows, columns and inner length are eight times the work.
            Some(took_ns) if took_ns.is_none_or(|ns| ns * 8.0 > NEXT_NS) => return None,
            Some(_) => n *= 2,
        }
    }
    None
}

/// Finds the ceilings of one target.
struct Probe<'a> {
    writer: &'a mut Writer,
    run: &'a Run,
    available: &'a Available,
    tried: Tried,
    /// Why what the target cannot do right is not measured.
    refused: HashMap<(Kind, DType), (Outcome, String)>,
    /// What is f32 in name and TF32 in error there.
    tf32: HashSet<(Kind, DType)>,
    worker: Option<OpenWorker>,
    next_worker: u32,
}

impl Probe<'_> {
    /// Finds out which kinds of work the target does right: whether it was not interrupted.
    fn check(&mut self, dtypes: &[DType]) -> Result<bool> {
        let targets = std::slice::from_ref(self.available);
        let mut checker =
            Checker::new(targets, options(&self.run.settings), self.timeout(), Vec::new(), self.next_worker);
        for (&dtype, kind) in dtypes.iter().flat_map(|dtype| Kind::ALL.map(|kind| (dtype, kind))) {
            match checker.check(&kind.small(dtype)) {
                Ok(records) => {
                    for record in records {
                        match record {
                            Record::Check(check) if check.outcome != Outcome::Ok => {
                                self.refused.insert((kind, dtype), (check.outcome, check.reason.unwrap_or_default()));
                            }
                            Record::Check(check) if check.tf32 => drop(self.tf32.insert((kind, dtype))),
                            // The case is none of the run's, and its record is not needed: the ceiling says what came of it.
                            Record::Check(_) => {}
                            other => self.writer.append(&other)?,
                        }
                    }
                }
                Err(WorkerError::Interrupted) => return Ok(false),
                Err(error) => {
                    self.refused.insert((kind, dtype), (error.outcome(), error.to_string()));
                }
            }
        }
        self.next_worker = checker.next_worker();
        Ok(true)
    }

    /// Measures all of one dtype: whether it was not interrupted.
    fn dtype(&mut self, dtype: DType) -> Result<bool> {
        while let Some((kind, case)) = next(&self.run.machine, dtype, &self.tried) {
            if interrupted() {
                return Ok(false);
            }
            let Some(ceiling) = self.ceiling(kind, &case)? else { return Ok(false) };
            self.tried.insert(case, took_ns(&ceiling));
        }
        Ok(true)
    }

    /// Measures one piece of work, if its kind is done right, and writes it down. Nothing where it was interrupted.
    fn ceiling(&mut self, kind: Kind, case: &CaseId) -> Result<Option<Ceiling>> {
        let info = describe(case).map_err(|error| anyhow::anyhow!("{case}: {error}"))?;
        let mut ceiling = Ceiling {
            target: self.available.target.clone(),
            case: case.clone(),
            cost: info.cost,
            worker: None,
            at: text::now(),
            outcome: Outcome::Ok,
            reason: None,
            tf32: self.tf32.contains(&(kind, case.dtype)),
            samples: None,
        };
        let why_not = self.refused.get(&(kind, case.dtype)).cloned().or_else(|| {
            let why = memory::does_not_fit(&ceiling.cost, chipmark_machine::free_memory_bytes());
            why.map(|why| (Outcome::OutOfMemory, why))
        });
        let measured = match why_not {
            Some((outcome, message)) => Err(WorkerError::Refused { outcome, message }),
            None => self.samples(&mut ceiling)?,
        };
        match measured {
            Ok(samples) => ceiling.samples = Some(samples),
            Err(WorkerError::Interrupted) => return Ok(None),
            Err(error) => (ceiling.outcome, ceiling.reason) = (error.outcome(), Some(error.to_string())),
        }
        self.writer.append(&Record::Ceiling(Box::new(ceiling.clone())))?;
        Ok(Some(ceiling))
    }

    fn samples(&mut self, ceiling: &mut Ceiling) -> Result<Result<Samples, WorkerError>> {
        let mut worker = match self.worker.take() {
            Some(worker) => worker,
            None => {
                let purpose = (Purpose::Ceiling, None);
                match targets::start(self.available, &self.run.settings, purpose, &mut self.next_worker, self.writer)? {
                    Ok(worker) => worker,
                    Err(error) => return Ok(Err(error)),
                }
            }
        };
        ceiling.worker = Some(worker.record.worker);
        let measured = worker.measure((&ceiling.case, Mode::Latency), SAMPLING, None, self.timeout(), || {});
        if measured.as_ref().err().is_none_or(WorkerError::worker_lives) {
            self.worker = Some(worker);
        }
        Ok(measured)
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs_f64(self.run.settings.cell_timeout_s)
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

    /// Everything that is tried in f32, in its order, when a product of `n` rows takes `product_ns(n)`; going on after what was
    /// tried before.
    fn rest(mut tried: Tried, product_ns: impl Fn(f64) -> Option<f64>) -> Vec<String> {
        let machine = Machine { memory_bytes: Some(64 << 30), ..Machine::default() };
        let mut order = Vec::new();
        while let Some((kind, case)) = next(&machine, DType::F32, &tried) {
            let n = case.label.split('x').next().and_then(|n| n.parse().ok()).unwrap_or_default();
            let took_ns = if kind == Kind::Product { product_ns(n) } else { Some(1e6) };
            order.push(case.to_string());
            assert!(tried.insert(case, took_ns).is_none(), "{order:?}");
        }
        order
    }

    #[test]
    fn what_was_interrupted_anywhere_goes_on_to_the_same_end() {
        // 512 rows take 1 ms, 1024 take 8 ms, 2048 take 64 ms: 4096 would take half a second.
        let ns = |n: f64| Some(1e6 * (n / 512.0).powi(3));
        let all = rest(Tried::new(), ns);
        let products = ["512x512@512x512", "1024x1024@1024x1024", "2048x2048@2048x2048"];
        let names: Vec<&str> = all.iter().map(|case| case.split('/').next().unwrap()).collect();
        assert_eq!(names, ["copy", "triad", "sum_all", "matmul", "matmul", "matmul"]);
        assert!(all.iter().skip(3).zip(products).all(|(case, product)| case.contains(product)), "{all:?}");
        for done in 0..=all.len() {
            let took = |case: &String| {
                let n = case.split(['/', 'x']).nth(1).and_then(|n| n.parse().ok()).unwrap_or_default();
                (case.parse().unwrap(), if case.starts_with("matmul") { ns(n) } else { Some(1e6) })
            };
            let tried: Tried = all[..done].iter().map(took).collect();
            assert_eq!(rest(tried, ns), all[done..], "after {done}");
        }
    }

    #[test]
    fn products_end_where_one_cannot_be_done() {
        assert_eq!(rest(Tried::new(), |n| (n < 1000.0).then_some(1.0)).len(), 3 + 2);
        assert_eq!(rest(Tried::new(), |_| Some(1.0)).len(), 3 + 6);
    }

    #[test]
    fn what_a_file_holds_of_a_target_was_tried_there() {
        let target: Target = "candle:cpu".parse().unwrap();
        let ceiling = |case: &str| match chipmark_results::fixture::ceiling(case, 2, 1) {
            Record::Ceiling(ceiling) => *ceiling,
            other => panic!("{other:?}"),
        };
        let failed = Ceiling { samples: None, outcome: Outcome::OutOfMemory, ..ceiling("copy/2MiB/f32") };
        let other = Ceiling { target: "tch:cpu".parse().unwrap(), ..ceiling("copy/3MiB/f32") };
        let found = tried(&[ceiling("copy/1MiB/f32"), failed, other], &target);
        let expected = [("copy/1MiB/f32", Some(20_000.0)), ("copy/2MiB/f32", None)];
        assert_eq!(found, expected.map(|(case, ns)| (case.parse().unwrap(), ns)).into());
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
