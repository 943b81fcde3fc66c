//! What each case's calls need of memory on each target, in a process of its own that does nothing else, after the rounds and
//! with no clock: what a process held at most cannot be told apart by cases once it has done several.

use crate::memory;
use crate::progress::Progress;
use crate::rounds::Ended;
use crate::targets::{self, Available, OpenWorker, unexpected};
use crate::worker_process::WorkerError;
use anyhow::Result;
use chipmark_core::{CaseId, MemoryUse, Outcome, Target};
use chipmark_results::record::{Check, MemoryPass, PlannedCase, Purpose, Record, Run};
use chipmark_results::store::Writer;
use chipmark_worker::protocol::{Reply, Request};
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// The calls whose need is counted: a framework may need more in its second call, when it keeps what the first one used.
const CALLS: u32 = 3;

/// Counts what `known` has not, of what is right by its check.
pub(crate) fn measure(
    writer: &mut Writer,
    run: &Run,
    checks: &[Check],
    known: &[MemoryPass],
    targets: &[Available],
    mut next_worker: u32,
    deadline: Option<Instant>,
) -> Result<Ended> {
    let known: HashSet<(&CaseId, &Target)> = known.iter().map(|pass| (&pass.case, &pass.target)).collect();
    let right: HashSet<(&CaseId, &Target)> =
        checks.iter().filter(|check| check.outcome == Outcome::Ok).map(|check| (&check.case, &check.target)).collect();
    let due: Vec<(&PlannedCase, &Available)> = run
        .cases
        .iter()
        .flat_map(|planned| targets.iter().map(move |available| (planned, available)))
        .filter(|(planned, available)| {
            let key = (&planned.case, &available.target);
            right.contains(&key) && !known.contains(&key)
        })
        .collect();
    let mut progress = Progress::start("memory", due.len() as u64);
    let all = u32::try_from(due.len()).unwrap_or(u32::MAX);
    let started = Instant::now();
    for (done, (planned, available)) in (0..).zip(due) {
        let ended = Ended::now(deadline);
        if ended != Ended::Complete {
            return Ok(ended);
        }
        let left = (done > 0).then(|| started.elapsed() * (all - done) / done.max(1));
        progress.now(&format!("{} {}", available.target, planned.case), left);
        let mut pass = MemoryPass {
            case: planned.case.clone(),
            target: available.target.clone(),
            worker: None,
            outcome: Outcome::Ok,
            reason: None,
            memory: None,
        };
        let counted = match memory::does_not_fit(&planned.cost, chipmark_machine::free_memory_bytes()) {
            Some(why) => Err(WorkerError::Refused { outcome: Outcome::OutOfMemory, message: why }),
            None => targets::start(available, &run.settings, (Purpose::Memory, None), &mut next_worker, writer)?
                .and_then(|mut worker| {
                    pass.worker = Some(worker.record.worker);
                    count(run, planned, &mut worker)
                }),
        };
        match counted {
            Ok(memory) => pass.memory = Some(memory),
            Err(WorkerError::Interrupted) => return Ok(Ended::Interrupted),
            Err(error) => {
                (pass.outcome, pass.reason) = (error.outcome(), Some(error.to_string()));
                progress.say(&format!("memory of {} {}: {}: {error}", pass.target, pass.case, pass.outcome));
            }
        }
        writer.append(&Record::Memory(pass))?;
        progress.step();
    }
    writer.sync()?;
    Ok(Ended::Complete)
}

/// What a worker of its own counts.
fn count(run: &Run, planned: &PlannedCase, worker: &mut OpenWorker) -> Result<MemoryUse, WorkerError> {
    let request = Request::Memory { case: planned.case.clone(), calls: CALLS };
    match worker.process.ask(&request, Duration::from_secs_f64(run.settings.cell_timeout_s))? {
        Reply::MemoryUsed { memory } => Ok(memory),
        other => Err(unexpected(&other)),
    }
}
