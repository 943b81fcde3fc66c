//! A run that is being measured: its targets opened, its file created, everything checked and timed, and the end written. The verbs
//! that measure share it.

use crate::checks::Checker;
use crate::launch::Workers;
use crate::progress::Progress;
use crate::rounds::{Ended, Plan, Rounds};
use crate::targets::{Available, OpenWorker, Survey, options};
use crate::text;
use crate::worker_process::WorkerError;
use crate::{ceilings, chip_hint, memory_pass};
use anyhow::{Context, Result, bail};
use chipmark_core::{CaseId, Outcome, Target};
use chipmark_results::machine::{Machine, MachineState};
use chipmark_results::record::{Check, End, MissingTarget, PlannedCase, Purpose, Record, Run, SCHEMA, Settings};
use chipmark_results::store::{ResultsFile, Writer};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A run whose file is open: a new one, or one to go on with.
pub(crate) struct Session {
    pub writer: Writer,
    pub file: ResultsFile,
    pub targets: Vec<Available>,
    pub open: Vec<OpenWorker>,
}

/// The header of a run that starts now.
pub(crate) fn header(
    suite: &str,
    settings: Settings,
    (machine, state): (Machine, MachineState),
    open: &[OpenWorker],
    missing: Vec<MissingTarget>,
    cases: Vec<PlannedCase>,
) -> Run {
    Run {
        schema: SCHEMA,
        run_id: uuid::Uuid::new_v4().to_string(),
        started_at: text::now(),
        harness_version: env!("CARGO_PKG_VERSION").to_owned(),
        suite: suite.to_owned(),
        contribution: None,
        stage: None,
        command: std::env::args().skip(1).collect(),
        settings,
        machine,
        state,
        targets: open.iter().map(|worker| worker.info.clone()).collect(),
        missing,
        cases,
    }
}

impl Session {
    /// Creates the file of a new run.
    pub(crate) fn create(path: &Path, run: Run, targets: Vec<Available>, open: Vec<OpenWorker>) -> Result<Self> {
        let writer = Writer::create(path, &run)?;
        Ok(Session { writer, file: ResultsFile::new(path.to_owned(), run), targets, open })
    }

    /// Takes over checks of the same cases on the same targets, so that they are not made again.
    pub(crate) fn adopt(&mut self, checks: &[Check]) -> Result<()> {
        let planned: HashSet<&CaseId> = self.file.run.cases.iter().map(|case| &case.case).collect();
        for check in checks.iter().filter(|check| planned.contains(&check.case)) {
            self.writer.append(&Record::Check(check.clone()))?;
            self.file.checks.push(check.clone());
        }
        Ok(())
    }

    /// Says what is measured on what, and what disturbs it.
    pub(crate) fn say(&self) {
        eprintln!("{}", chipmark_machine::summary(&self.file.run.machine));
        chip_hint::say(&self.file.run.machine);
        say_targets(&self.targets, &self.file.run.missing);
        say_disturbances(&self.file.run);
    }
}

/// Opens every target once, to learn what is in force there. One that does not open is missing; if none does, that is an
/// error.
pub(crate) fn open_all(
    chosen: Vec<Available>,
    survey: &mut Survey,
    settings: &Settings,
) -> Result<(Vec<Available>, Vec<OpenWorker>)> {
    let (mut targets, mut open) = (Vec::new(), Vec::new());
    let mut last_error = None;
    for available in chosen {
        let number = u32::try_from(open.len()).unwrap_or(u32::MAX);
        match OpenWorker::start(&available, &options(settings), number, Purpose::Check, None) {
            Ok(worker) => {
                open.push(worker);
                targets.push(available);
            }
            Err(error) => {
                let name = available.target.to_string();
                let why = error.to_string();
                survey.missing.push(MissingTarget { name: name.clone(), why, remedy: None, broken: true });
                last_error = Some(anyhow::Error::new(error).context(name));
            }
        }
    }
    match last_error {
        Some(error) if targets.is_empty() => Err(error),
        _ => Ok((targets, open)),
    }
}

pub(crate) fn say_targets(targets: &[Available], missing: &[MissingTarget]) {
    let names: Vec<String> = targets.iter().map(|available| available.target.to_string()).collect();
    eprintln!("targets: {}", names.join(", "));
    for target in missing {
        let remedy = target.remedy.as_ref().map(|remedy| format!("; add it with: {remedy}")).unwrap_or_default();
        eprintln!("not {}: {}{remedy}", target.name, target.why);
    }
}

/// Says what would disturb the measurement.
fn say_disturbances(run: &Run) {
    for disturbance in chipmark_machine::disturbances(&run.machine, &run.state) {
        eprintln!("note: {disturbance}");
    }
}

/// Makes a folder for a run, named by its time and suite.
pub(crate) fn new_folder(out: &Path, run: &Run) -> Result<PathBuf> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot make the folder {}", out.display()))?;
    let stem = format!("{}-{}", run.started_at.get(..19).unwrap_or_default().replace(':', "-"), run.suite);
    // Two runs may start in one second.
    for number in 1..100 {
        let name = if number == 1 { stem.clone() } else { format!("{stem}-{number}") };
        let folder = out.join(name);
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("cannot write to {}", out.display())),
        }
    }
    bail!("{} has a hundred runs of this second", out.display())
}

/// Of the time that a run may take when its checks are done, the ceilings get no more than this share: they are beside the point where
/// it is short.
const CEILINGS_SHARE: f64 = 0.2;

/// Checks and measures all that the file has not yet, and ends it.
pub(crate) fn measure(session: Session, deadline: Option<Instant>) -> Result<Ended> {
    let Session { mut writer, file, targets, open } = session;
    let first_worker = file.workers.iter().map(|worker| worker.worker + 1).max().unwrap_or(0);
    let (checks, next_worker) = check_all(&mut writer, &file, &targets, open, first_worker, deadline)?;
    let ended = match checks {
        None => Ended::Interrupted,
        Some(checks) => measure_checked(&mut writer, &file, &targets, &checks, next_worker, deadline)?,
    };
    let reason = match ended {
        Ended::Complete => None,
        Ended::OverBudget => Some(End::TIME_UP.to_owned()),
        Ended::Interrupted => Some("it was interrupted".to_owned()),
    };
    let complete = ended == Ended::Complete;
    let end = End { at: text::now(), complete, reason, state: chipmark_machine::state() };
    writer.append(&Record::End(end))?;
    writer.sync()?;
    Ok(ended)
}

/// Measures what was checked: the ceilings, then the cells, then what they need of memory.
fn measure_checked(
    writer: &mut Writer,
    file: &ResultsFile,
    targets: &[Available],
    checks: &[Check],
    mut next_worker: u32,
    deadline: Option<Instant>,
) -> Result<Ended> {
    let run = &file.run;
    if run.settings.ceilings {
        let until = deadline.map(|deadline| {
            let now = Instant::now();
            now + deadline.saturating_duration_since(now).mul_f64(CEILINGS_SHARE)
        });
        match ceilings::measure(writer, run, &file.ceilings, targets, next_worker, until)? {
            None => return Ok(Ended::Interrupted),
            Some(next) => next_worker = next,
        }
    }
    let plan = Plan { cases: &run.cases, targets, settings: &run.settings, machine: &run.machine };
    let mut workers = Workers::new(plan, checks, next_worker);
    let ended = Rounds::new(plan, &mut workers, writer, (file, checks), deadline).run()?;
    if ended != Ended::Complete || !run.settings.memory {
        return Ok(ended);
    }
    memory_pass::measure(writer, run, checks, &file.memory, targets, workers.next_worker(), deadline)
}

/// Checks every case that the file has no check of, until the time is up: all checks, or nothing where it was interrupted; and the
/// number of the next worker.
fn check_all(
    writer: &mut Writer,
    file: &ResultsFile,
    targets: &[Available],
    open: Vec<OpenWorker>,
    first_worker: u32,
    deadline: Option<Instant>,
) -> Result<(Option<Vec<Check>>, u32)> {
    let run = &file.run;
    let mut checks = file.checks.clone();
    let known: HashSet<(&CaseId, &Target)> = file.checks.iter().map(|check| (&check.case, &check.target)).collect();
    let due: Vec<&CaseId> = run
        .cases
        .iter()
        .map(|case| &case.case)
        .filter(|case| targets.iter().any(|available| !known.contains(&(*case, &available.target))))
        .collect();
    let mut opened = open;
    for (number, worker) in (first_worker..).zip(&mut opened) {
        worker.record.worker = number;
    }
    let next_worker = first_worker + u32::try_from(opened.len()).unwrap_or(u32::MAX);
    let timeout = Duration::from_secs_f64(run.settings.cell_timeout_s);
    let mut checker = Checker::new(targets, options(&run.settings), timeout, opened, next_worker);
    let mut progress = Progress::start("checking", due.len() as u64);
    let started = Instant::now();
    for (done, case) in due.iter().enumerate() {
        // By the average so far: cases differ, but nothing is known of them yet.
        let (done, all) = (u32::try_from(done).unwrap_or(u32::MAX), u32::try_from(due.len()).unwrap_or(u32::MAX));
        let left = (done > 0).then(|| started.elapsed() * all.saturating_sub(done) / done.max(1));
        progress.now(&case.to_string(), left);
        match Ended::now(deadline) {
            Ended::Complete => {}
            // What was not checked is not measured: no time is left for it.
            Ended::OverBudget => {
                progress.say(&format!("the time was up after {done} of {all} checks"));
                break;
            }
            Ended::Interrupted => return Ok((None, checker.next_worker())),
        }
        let records = match checker.check(case) {
            Ok(records) => records,
            Err(WorkerError::Interrupted) => return Ok((None, checker.next_worker())),
            Err(error) => return Err(error).with_context(|| format!("checking {case}")),
        };
        for record in records {
            if let Record::Check(check) = &record {
                if known.contains(&(&check.case, &check.target)) {
                    continue;
                }
                if check.outcome != Outcome::Ok {
                    let why = check.reason.as_deref().unwrap_or_default();
                    progress.say(&format!("{} {}: {}: {why}", check.target, check.case, check.outcome));
                }
                checks.push(check.clone());
            }
            writer.append(&record)?;
        }
        progress.step();
    }
    writer.sync()?;
    Ok((Some(checks), checker.next_worker()))
}
