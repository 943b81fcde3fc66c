//! `bench run`: survey, plan, check, measure, report.

use crate::checks::Checker;
use crate::cli::{Format, Run as Args};
use crate::interrupt::{interrupted, watch};
use crate::program::set_cora;
use crate::progress::Progress;
use crate::rounds::{Ended, Plan, Rounds, planned};
use crate::targets::{Available, OpenWorker, Setup, Survey, options, survey};
use crate::worker_process::WorkerError;
use crate::{Exit, cases, text};
use anyhow::{Context, Result, bail};
use chipmark_core::{CaseId, Outcome, Sampling, Target};
use chipmark_reports::Report;
use chipmark_results::machine::Machine;
use chipmark_results::record::{
    Check, End, MissingTarget, PlannedCase, Purpose, Record, Run, SCHEMA, Settings, TargetInfo,
};
use chipmark_results::store::{self, ResultsFile, Writer};
use chipmark_workloads::Suite;
use chipmark_workloads::suite::SuiteSampling;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The file of a run's records in its folder.
const RESULTS: &str = "results.jsonl";

pub(crate) fn run(args: &Args) -> Result<Exit> {
    watch();
    let deadline = args.budget.map(|budget| Instant::now() + budget);
    let started = match &args.resume {
        Some(path) => Started::resume(path, args)?,
        None => match Started::fresh(args)? {
            Some(started) => started,
            None => return Ok(Exit::Ok),
        },
    };
    let path = started.writer.path().to_owned();
    let ended = measure(started, deadline)?;
    finish(&path, args.format, ended)
}

/// A run whose file is open: a new one, or one to go on with.
struct Started {
    writer: Writer,
    file: ResultsFile,
    targets: Vec<Available>,
    open: Vec<OpenWorker>,
}

impl Started {
    /// Surveys and plans; nothing where only the plan was asked for. The folder is made last, when nothing else can be
    /// wrong.
    fn fresh(args: &Args) -> Result<Option<Self>> {
        let suite = Suite::find(&args.suite)?;
        set_cora(args.selection.cora.as_deref());
        let cases = cases::select(&suite, &args.selection)?;
        let settings = settings(args, &suite);
        let machine = chipmark_machine::detect(Some(&args.chip));
        let named: Vec<String> = match args.workers.targets.as_slice() {
            [] => suite.targets.iter().map(|target| target.name.to_string()).collect(),
            named => named.to_vec(),
        };
        let mut survey = survey(&args.workers.workers, &named)?;
        survey.set_up_all(&suite.targets);
        let chosen = survey.choose(&args.workers.targets, &suite.targets)?;
        if args.dry_run {
            eprintln!("{}", chipmark_machine::summary(&machine));
            say_targets(&chosen, &survey.missing);
            return show_plan(&suite, &cases, &chosen, &settings, args.format).map(|()| None);
        }
        let (targets, open) = open_all(chosen, &mut survey, &settings)?;
        let run = Run {
            schema: SCHEMA,
            run_id: uuid::Uuid::new_v4().to_string(),
            started_at: text::now(),
            harness_version: env!("CARGO_PKG_VERSION").to_owned(),
            suite: suite.name.clone(),
            command: std::env::args().skip(1).collect(),
            settings,
            state: chipmark_machine::state(),
            machine,
            targets: open.iter().map(|worker| worker.info.clone()).collect(),
            missing: survey.missing,
            cases,
        };
        let (folder, path) = new_folder(&args.out, &run)?;
        let writer = Writer::create(&path, &run).inspect_err(|_| {
            // Nothing half-written: the folder was made for this file.
            let _ = std::fs::remove_dir(&folder);
        })?;
        // Not before: bad use gets one line.
        eprintln!("{}", chipmark_machine::summary(&run.machine));
        say_targets(&targets, &run.missing);
        say_disturbances(&run);
        let file = ResultsFile::new(path, run);
        Ok(Some(Started { writer, file, targets, open }))
    }

    /// Takes everything from the file; the targets must be there as they were.
    fn resume(path: &Path, args: &Args) -> Result<Self> {
        let (writer, file) = Writer::resume(path)?;
        let run = &file.run;
        let machine = chipmark_machine::detect(None);
        if !same_machine(&run.machine, &machine) {
            bail!("{} is a run of another machine ({}): it cannot go on here", path.display(), run.machine.chip);
        }
        let wanted: Vec<String> = run.targets.iter().map(|info| info.target.to_string()).collect();
        set_cora(run.settings.cora.as_deref());
        let mut survey = survey(&args.workers.workers, &wanted)?;
        for TargetInfo { target, env, threads, .. } in &run.targets {
            if target.variant.is_some() {
                survey.set_up(target, Setup { env: env.clone(), threads: *threads, blas: None });
            }
        }
        let chosen = survey.choose(&wanted, &[])?;
        let (targets, open) = open_all(chosen, &mut survey, &run.settings)?;
        for then in &run.targets {
            let now = open.iter().map(|worker| &worker.info).find(|now| now.target == then.target);
            match now {
                None => bail!("target {} of {} cannot be used any more", then.target, path.display()),
                Some(now) if !same_framework(now, then) => bail!(
                    "{} was measured with {} {} and here is {}: that would be two runs in one file",
                    then.target,
                    then.info.framework,
                    then.info.version,
                    now.info.version
                ),
                Some(_) => {}
            }
        }
        Ok(Started { writer, file, targets, open })
    }
}

fn same_machine(then: &Machine, now: &Machine) -> bool {
    let detected = then.chip_detected.as_ref().unwrap_or(&then.chip);
    (detected, &then.arch, then.memory_bytes) == (&now.chip, &now.arch, now.memory_bytes)
}

fn same_framework(now: &TargetInfo, then: &TargetInfo) -> bool {
    let key = |info: &TargetInfo| (info.worker_version.clone(), info.info.version.clone(), info.info.blas.clone());
    key(now) == key(then)
}

fn settings(args: &Args, suite: &Suite) -> Settings {
    let SuiteSampling { warm_up_s, max_warm_up_s, sample_s, min_samples, max_samples, min_block_s, max_block_s } =
        suite.sampling;
    Settings {
        tier: Some(args.selection.tier.unwrap_or(suite.tier)),
        rounds: args.rounds.unwrap_or(suite.rounds),
        seed: args.seed,
        threads: args.workers.threads.map(usize::from),
        tf32: args.workers.tf32,
        cora: args.selection.cora.clone(),
        budget_s: args.budget.map(|budget| budget.as_secs_f64()),
        sampling: Sampling { warm_up_s, max_warm_up_s, sample_s, min_samples, max_samples, min_block_s, max_block_s },
        cell_timeout_s: args.cell_timeout.as_secs_f64(),
    }
}

/// Opens every target once, to learn what is in force there. One that does not open is missing; if none does, that is an
/// error.
fn open_all(
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
                survey.missing.push(MissingTarget { name: name.clone(), why: error.to_string(), remedy: None });
                last_error = Some(anyhow::Error::new(error).context(name));
            }
        }
    }
    match last_error {
        Some(error) if targets.is_empty() => Err(error),
        _ => Ok((targets, open)),
    }
}

fn say_targets(targets: &[Available], missing: &[MissingTarget]) {
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

/// Makes a folder for the run, named by its time and suite.
fn new_folder(out: &Path, run: &Run) -> Result<(PathBuf, PathBuf)> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot make the folder {}", out.display()))?;
    let stem = format!("{}-{}", run.started_at.get(..19).unwrap_or_default().replace(':', "-"), run.suite);
    // Two runs may start in one second.
    for number in 1..100 {
        let name = if number == 1 { stem.clone() } else { format!("{stem}-{number}") };
        let folder = out.join(name);
        match std::fs::create_dir(&folder) {
            Ok(()) => {
                let path = folder.join(RESULTS);
                return Ok((folder, path));
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("cannot write to {}", out.display())),
        }
    }
    bail!("{} has a hundred runs of this second", out.display())
}

/// `--dry-run`.
fn show_plan(
    suite: &Suite,
    cases: &[PlannedCase],
    targets: &[Available],
    settings: &Settings,
    format: Format,
) -> Result<()> {
    let plan = Plan { cases, targets, settings };
    let (checks, rounds) = planned(&plan);
    if format != Format::Table {
        let targets: Vec<&Target> = targets.iter().map(|available| &available.target).collect();
        let seconds = (checks + rounds).as_secs_f64().round();
        let plan = serde_json::json!({ "suite": suite.name, "settings": settings, "targets": targets, "cases": cases,
            "estimated_s": seconds });
        if format == Format::Csv {
            bail!("a plan can be printed as a table or as JSON");
        }
        return super::print(&serde_json::to_string_pretty(&plan)?);
    }
    let mut text = String::new();
    for case in cases {
        let modes: Vec<&str> = case.modes.iter().map(|mode| mode.name()).collect();
        text += &format!("{:<48}  {}\n", case.case.to_string(), modes.join(", "));
    }
    let cells: usize = cases.iter().map(|case| case.modes.len()).sum::<usize>() * targets.len();
    text += &format!(
        "\nsuite {}: {} cases, {cells} cells, {} rounds; about {} for the checks and {} for the rounds\n",
        suite.name,
        cases.len(),
        settings.rounds,
        crate::text::duration(checks),
        crate::text::duration(rounds)
    );
    super::print(&text)
}

/// Checks and measures all that the file has not yet, and ends it.
fn measure(started: Started, deadline: Option<Instant>) -> Result<Ended> {
    let Started { mut writer, file, targets, open } = started;
    let run = &file.run;
    let first_worker = file.workers.iter().map(|worker| worker.worker + 1).max().unwrap_or(0);
    let (checks, next_worker) = check_all(&mut writer, &file, &targets, open, first_worker)?;
    let ended = match checks {
        None => Ended::Interrupted,
        Some(checks) => {
            let plan = Plan { cases: &run.cases, targets: &targets, settings: &run.settings };
            Rounds::new(plan, &mut writer, &checks, &file.launches, next_worker, deadline).run()?
        }
    };
    let reason = match ended {
        Ended::Complete => None,
        Ended::OverBudget => Some("the time of the run was up".to_owned()),
        Ended::Interrupted => Some("it was interrupted".to_owned()),
    };
    let complete = ended == Ended::Complete;
    let end = End { at: text::now(), complete, reason, state: chipmark_machine::state() };
    writer.append(&Record::End(end))?;
    writer.sync()?;
    Ok(ended)
}

/// Checks every case that the file has no check of: all checks, or nothing where it was interrupted; and the number of the
/// next worker.
fn check_all(
    writer: &mut Writer,
    file: &ResultsFile,
    targets: &[Available],
    open: Vec<OpenWorker>,
    first_worker: u32,
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
        if interrupted() {
            return Ok((None, checker.next_worker()));
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

/// Reads the file back, as anybody would, and shows it.
fn finish(path: &Path, format: Format, ended: Ended) -> Result<Exit> {
    let file = store::read(path)?;
    let report = Report::new(std::slice::from_ref(&file));
    super::report::show(&report, format)?;
    eprintln!("results: {}", path.display());
    if let Some(folder) = path.parent() {
        super::report::write(&report, folder)?;
    }
    match ended {
        Ended::Interrupted => {
            eprintln!("interrupted; go on with: bench run --resume {}", path.display());
            return Ok(Exit::Interrupted);
        }
        Ended::OverBudget => eprintln!("the time was up; go on with: bench run --resume {}", path.display()),
        Ended::Complete => {}
    }
    let bad = chipmark_results::cells::cells(&file)
        .iter()
        .any(|cell| matches!(cell.outcome, Outcome::Wrong | Outcome::Crashed | Outcome::TimedOut | Outcome::Failed));
    Ok(if bad { Exit::Failed } else { Exit::Ok })
}
