//! The checks before anything is timed: every case at its reduced shape against the f64 reference, at the timed shape
//! against the reference where that is affordable and else between the targets, and whether each target's `finish` waits.

use crate::consensus::{FROM_MEDIAN, between, consensus};
use crate::memory;
use crate::program::Program;
use crate::targets::{Available, OpenWorker, Setup, unexpected};
use crate::worker_process::WorkerError;
use chipmark_core::DType;
use chipmark_core::check::{Comparison, Scale};
use chipmark_core::{
    CaseId, ConvLayout, Digest, Execution, OpPath, OpenOptions, Outcome, Target, Tier, Tolerance, compare,
};
use chipmark_results::record::{Against, Check, CheckedShape, Purpose, Record};
use chipmark_worker::protocol::{Reply, Request};
use chipmark_workloads::{CaseInfo, describe};
use std::collections::HashMap;
use std::time::Duration;

/// The most arithmetic that the reference is asked for: seconds. It takes in the five checked epochs of a network on a graph
/// of Cora's size.
const REFERENCE_FLOP: u64 = 10_000_000_000;
/// The most memory that the reference is asked for, in the case's own dtype.
const REFERENCE_BYTES: u64 = 256 << 20;
/// The least share of its work that an honest `finish` waits for. What is left is reading a quarter of a megabyte, of a
/// piece of work of at least 50 ms.
const FINISH_SHARE: f64 = 0.8;
/// The unit round-off of TF32, which has 11 significant bits.
const TF32_ROUNDOFF: f64 = 1.0 / 2048.0;
/// What came out of a case on one target, or why nothing did.
type Answer = Result<(Vec<Digest>, Vec<OpPath>, Option<ConvLayout>), (Outcome, String)>;

/// What is expected of a case: the results, and the scales of errors where the case asks for them.
type Digests = (Vec<Digest>, Option<Vec<Digest>>);

/// What the reference says of a case.
type Expected = Result<Digests, String>;

/// Checks cases, keeping its workers and the reference's answers from one to the next.
pub(crate) struct Checker<'a> {
    targets: &'a [Available],
    options: OpenOptions,
    timeout: Duration,
    /// Opened for their info, not yet asked anything.
    open: HashMap<Target, OpenWorker>,
    workers: HashMap<Target, OpenWorker>,
    reference: Available,
    reference_worker: Option<OpenWorker>,
    expected: HashMap<CaseId, Expected>,
    /// Why a target's every result is wrong: its `finish` does not wait.
    dishonest: HashMap<Target, String>,
    /// Why a target's worker does not start: asked once, not once a case.
    broken: HashMap<Target, (Outcome, String)>,
    next_worker: u32,
    records: Vec<Record>,
    /// How many calls in a row are compared, where it is not the case that says so.
    calls: Option<u32>,
}

impl<'a> Checker<'a> {
    /// A checker whose further workers are numbered from `next_worker`. Those that are open already are used.
    pub(crate) fn new(
        targets: &'a [Available],
        options: OpenOptions,
        timeout: Duration,
        open: Vec<OpenWorker>,
        next_worker: u32,
    ) -> Self {
        let reference = Available {
            target: Target::new("reference", chipmark_core::Device::Cpu),
            program: Program::BuiltIn("reference"),
            hello: crate::worker_process::Hello {
                worker: "reference".to_owned(),
                version: String::new(),
                arithmetic: true,
                executions: vec![Execution::Eager],
            },
            setup: Setup::default(),
        };
        Checker {
            targets,
            options,
            timeout,
            open: open.into_iter().map(|worker| (worker.info.target.clone(), worker)).collect(),
            workers: HashMap::new(),
            reference,
            reference_worker: None,
            expected: HashMap::new(),
            dishonest: HashMap::new(),
            broken: HashMap::new(),
            next_worker,
            records: Vec::new(),
            calls: None,
        }
    }

    /// Compares so many calls in a row, whatever the case says.
    pub(crate) fn with_calls(self, calls: Option<u32>) -> Self {
        Checker { calls, ..self }
    }

    /// The number of the next worker.
    pub(crate) fn next_worker(&self) -> u32 {
        self.next_worker
    }

    /// Checks a case on every target: the records of workers started on the way, then one check a target.
    pub(crate) fn check(&mut self, case: &CaseId) -> Result<Vec<Record>, WorkerError> {
        let info = match describe(case) {
            Ok(info) => info,
            Err(error) => return Err(WorkerError::Noise(error.to_string())),
        };
        let mut checks: Vec<Check> = Vec::new();
        for available in self.targets {
            let check = self.check_reduced(available, &info)?;
            checks.push(check);
        }
        if *info.at(Tier::Tiny) != info.case {
            self.check_timed(&info, &mut checks)?;
        }
        let mut records = std::mem::take(&mut self.records);
        records.extend(checks.into_iter().map(Record::Check));
        Ok(records)
    }

    fn check_reduced(&mut self, available: &Available, info: &CaseInfo) -> Result<Check, WorkerError> {
        let mut check = Check {
            case: info.case.clone(),
            target: available.target.clone(),
            outcome: Outcome::Ok,
            reason: None,
            paths: Vec::new(),
            layout: None,
            tf32: false,
            comparisons: Vec::new(),
        };
        let reduced = info.at(Tier::Tiny).clone();
        if !available.hello.arithmetic {
            check.reason = Some("it computes nothing, so there is nothing to check".to_owned());
            return Ok(check);
        }
        let (digests, paths, layout) = match self.answer(available, &reduced, false)? {
            Ok(answer) => answer,
            Err((outcome, why)) => {
                fail(&mut check, outcome, why);
                return Ok(check);
            }
        };
        check.paths = paths;
        check.layout = layout;
        if let Some(why) = self.dishonest.get(&available.target) {
            fail(&mut check, Outcome::Wrong, why.clone());
            return Ok(check);
        }
        match self.expected(&reduced)? {
            Ok(expected) => {
                judge(&mut check, &reduced, Against::Reference, &expected, &digests, &tolerances(&reduced));
            }
            Err(why) => fail(&mut check, Outcome::Failed, format!("the reference cannot do it: {why}")),
        }
        Ok(check)
    }

    /// Compares at the timed shape, on the targets that are right so far.
    fn check_timed(&mut self, info: &CaseInfo, checks: &mut [Check]) -> Result<(), WorkerError> {
        let case = &info.case;
        let targets = self.targets;
        let mut answers: Vec<(usize, Vec<Digest>)> = Vec::new();
        for (at, (available, check)) in targets.iter().zip(checks.iter_mut()).enumerate() {
            if check.outcome != Outcome::Ok || !available.hello.arithmetic {
                continue;
            }
            if let Some(why) = memory::does_not_fit(&info.cost, chipmark_machine::free_memory_bytes()) {
                fail(check, Outcome::OutOfMemory, why);
                continue;
            }
            match self.answer(available, case, false)? {
                Ok((digests, paths, _)) => {
                    // A kernel may be chosen by size: the timed shape's path is the one that counts.
                    check.paths = paths;
                    answers.push((at, digests));
                }
                Err((outcome, why)) => fail(check, outcome, why),
            }
        }
        let tolerances = &info.tolerances;
        let affordable = info.check_flop <= REFERENCE_FLOP && info.cost.working_set_bytes <= REFERENCE_BYTES;
        if affordable {
            let expected = match self.expected(case)? {
                Ok(expected) => expected,
                Err(why) => {
                    for (at, _) in answers {
                        fail(&mut checks[at], Outcome::Failed, format!("the reference cannot do it: {why}"));
                    }
                    return Ok(());
                }
            };
            for (at, digests) in answers {
                judge(&mut checks[at], case, Against::Reference, &expected, &digests, tolerances);
            }
            return Ok(());
        }
        // One alone is held against nothing: that its timed shape is in no comparison is what the report goes by.
        let Some(consensus) = consensus(&answers) else { return Ok(()) };
        let loose = between(&answers, tolerances);
        let agreed = (consensus, self.scales(info, &answers)?);
        for (at, digests) in &answers {
            judge(&mut checks[*at], case, Against::Targets, &agreed, digests, &loose);
        }
        Ok(())
    }

    /// The scales of errors at a shape that the reference is not asked for: from the first target. They need no more than
    /// a digit.
    fn scales(
        &mut self,
        info: &CaseInfo,
        answers: &[(usize, Vec<Digest>)],
    ) -> Result<Option<Vec<Digest>>, WorkerError> {
        let targets = self.targets;
        match answers.first().and_then(|(at, _)| targets.get(*at)) {
            Some(available) if wants_scales(info) => {
                Ok(self.answer(available, &info.case, true)?.ok().map(|(digests, _, _)| digests))
            }
            _ => Ok(None),
        }
    }

    /// What the reference says of a case, asked once.
    fn expected(&mut self, case: &CaseId) -> Result<Expected, WorkerError> {
        if let Some(known) = self.expected.get(case) {
            return Ok(known.clone());
        }
        let expected = self.ask_reference(case)?;
        // Whole small outputs and samples of large ones: at most a few hundred kilobytes each, for one case at a time.
        self.expected.retain(|known, _| known.workload == case.workload);
        self.expected.insert(case.clone(), expected.clone());
        Ok(expected)
    }

    fn ask_reference(&mut self, case: &CaseId) -> Result<Expected, WorkerError> {
        let wants_scales = match describe(case) {
            Ok(info) => wants_scales(&info),
            Err(error) => return Ok(Err(error.to_string())),
        };
        let reference = self.reference.clone();
        if self.reference_worker.is_none() {
            // Never in the records: its results are not results, and it computes on one thread whatever the targets do.
            let options = OpenOptions { threads: None, ..self.options.clone() };
            let worker = OpenWorker::start(&reference, &options, u32::MAX, Purpose::Check, None)?;
            self.reference_worker = Some(worker);
        }
        let Some(worker) = self.reference_worker.as_mut() else { return Ok(Err("it is gone".to_owned())) };
        let mut ask = |absolute: bool| {
            let request = Request::Check { case: case.clone(), absolute, calls: self.calls };
            match worker.process.ask(&request, self.timeout * 10) {
                Ok(Reply::Checked { digests, .. }) => Ok(Ok(digests)),
                Ok(other) => Err(unexpected(&other)),
                Err(WorkerError::Interrupted) => Err(WorkerError::Interrupted),
                Err(error) => Ok(Err((error.worker_lives(), error.to_string()))),
            }
        };
        let result = match ask(false)? {
            Ok(values) if wants_scales => ask(true)?.map(|scales| (values, Some(scales))),
            Ok(values) => Ok((values, None)),
            Err(error) => Err(error),
        };
        Ok(result.map_err(|(lives, why)| {
            if !lives {
                self.reference_worker = None;
            }
            why
        }))
    }

    /// What comes out of a case on a target. Its worker is started where none is running.
    fn answer(&mut self, available: &Available, case: &CaseId, absolute: bool) -> Result<Answer, WorkerError> {
        let (timeout, calls) = (self.timeout, self.calls);
        if let Some(why) = self.broken.get(&available.target) {
            return Ok(Err(why.clone()));
        }
        let worker = match self.worker(available) {
            Ok(worker) => worker,
            Err(WorkerError::Interrupted) => return Err(WorkerError::Interrupted),
            Err(error) => {
                let why = (error.outcome(), error.to_string());
                self.broken.insert(available.target.clone(), why.clone());
                return Ok(Err(why));
            }
        };
        let request = Request::Check { case: case.clone(), absolute, calls };
        let error = match worker.process.ask(&request, timeout) {
            Ok(Reply::Checked { digests, paths, layout }) => return Ok(Ok((digests, paths, layout))),
            Ok(other) => unexpected(&other),
            Err(WorkerError::Interrupted) => return Err(WorkerError::Interrupted),
            Err(error) => error,
        };
        if !error.worker_lives() {
            self.workers.remove(&available.target);
        }
        Ok(Err((error.outcome(), error.to_string())))
    }

    fn worker(&mut self, available: &Available) -> Result<&mut OpenWorker, WorkerError> {
        let target = &available.target;
        if !self.workers.contains_key(target) {
            let mut worker = match self.open.remove(target) {
                Some(worker) => worker,
                None => {
                    self.next_worker += 1;
                    OpenWorker::start(available, &self.options, self.next_worker - 1, Purpose::Check, None)?
                }
            };
            if available.hello.arithmetic {
                let share = match worker.process.ask(&Request::ProveFinish, self.timeout) {
                    Ok(Reply::FinishProved { share }) => Some(share),
                    // A backend without matmul cannot be asked this way.
                    Err(WorkerError::Refused { outcome: Outcome::Unsupported, .. }) => None,
                    Ok(other) => return Err(unexpected(&other)),
                    Err(error) => return Err(error),
                };
                worker.record.finish_share = share;
                if let Some(share) = share.filter(|share| *share < FINISH_SHARE) {
                    let why = format!("its work is not waited for: finish returned after {:.0} % of it", share * 100.0);
                    self.dishonest.insert(target.clone(), why);
                }
            }
            self.records.push(Record::Worker(worker.record.clone()));
            self.workers.insert(target.clone(), worker);
        }
        self.workers.get_mut(target).ok_or_else(|| WorkerError::Noise("its worker is gone".to_owned()))
    }
}

fn tolerances(case: &CaseId) -> Vec<Tolerance> {
    describe(case).map(|info| info.tolerances).unwrap_or_default()
}

/// The largest bound that a check of a case allows: of any of its outputs, against this, with TF32's error or without. None of what is
/// no case.
pub(crate) fn largest_bound(case: &CaseId, against: Against, tf32: bool) -> Option<f64> {
    let bounds = describe(case).ok()?.tolerances.into_iter().map(|tolerance| tolerance.bound);
    let looser = if tf32 { 2.0 * TF32_ROUNDOFF } else { 0.0 };
    let factor = if against == Against::Targets { FROM_MEDIAN } else { 1.0 };
    bounds.reduce(f64::max).map(|bound| (bound + looser) * factor)
}

fn wants_scales(info: &CaseInfo) -> bool {
    info.tolerances.iter().any(|tolerance| tolerance.scale == Scale::AbsoluteInputs)
}

/// The ops that multiply factors which hardware may round to TF32.
const PRODUCTS: [&str; 5] = ["matmul", "linear", "conv1d", "conv2d", "sdpa"];

/// The tolerances of f32 results whose factors were rounded to TF32's 11 significant bits: each product is then off by
/// 2u₁₁ beside its error in f32. None where nothing is multiplied, or not in f32.
fn tf32_tolerances(check: &Check, tolerances: &[Tolerance]) -> Option<Vec<Tolerance>> {
    let multiplies = check.paths.iter().any(|path| {
        let (OpPath::Native { op, .. } | OpPath::Composed { op, .. }) = path;
        PRODUCTS.contains(&op.as_str())
    });
    let looser = |tolerance: &Tolerance| Tolerance { bound: tolerance.bound + 2.0 * TF32_ROUNDOFF, ..*tolerance };
    (check.case.dtype == DType::F32 && multiplies).then(|| tolerances.iter().map(looser).collect())
}

/// Compares, and notes the comparison. An f32 result that is as far off as TF32 would be is labelled so.
fn judge(
    check: &mut Check,
    case: &CaseId,
    against: Against,
    expected: &Digests,
    digests: &[Digest],
    tolerances: &[Tolerance],
) {
    let with = |tolerances: &[Tolerance]| compare(&expected.0, expected.1.as_deref(), digests, tolerances);
    let mut comparison = with(tolerances);
    if !comparison.passes()
        && let Some(looser) = tf32_tolerances(check, tolerances).map(|looser| with(&looser)).filter(Comparison::passes)
    {
        comparison = looser;
        check.tf32 = true;
    }
    note(check, case, against, comparison);
}

/// Notes a comparison, and its failure if it fails.
fn note(check: &mut Check, case: &CaseId, against: Against, comparison: Comparison) {
    if !comparison.passes() && check.outcome == Outcome::Ok {
        fail(check, Outcome::Wrong, describe_failure(case, against, &comparison));
    }
    check.comparisons.push(CheckedShape { case: case.clone(), against, comparison });
}

fn fail(check: &mut Check, outcome: Outcome, why: String) {
    check.outcome = outcome;
    check.reason = Some(why);
}

/// One line: at which shape, what is off, the worst element.
fn describe_failure(case: &CaseId, against: Against, comparison: &Comparison) -> String {
    let than = match against {
        Against::Reference => "the f64 reference",
        Against::Targets => "the other targets",
    };
    let worst = comparison.worst.as_ref().map(|worst| {
        let (got, expected) = (worst.got, worst.expected);
        format!("element {} of output {} is {got:e}, {than} has {expected:e}", worst.position, worst.output)
    });
    let what = match (&comparison.mismatch, worst) {
        (Some(mismatch), Some(worst)) => format!("{mismatch}; {worst}"),
        (Some(mismatch), None) => mismatch.clone(),
        (None, Some(worst)) => format!("{worst} (error {:.1e}, allowed {:.1e})", comparison.error, comparison.bound),
        (None, None) => "it differs".to_owned(),
    };
    format!("at {}: {what}", case.label)
}
