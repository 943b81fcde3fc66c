//! `bench check --baseline FILE`: the gate of a CI. It measures what the baseline has, looks again at what may have changed, and
//! decides; or judges a results file that is there already.

use super::verdict::{self, Finding};
use crate::cli::Check as Args;
use crate::fresh::measure_anew;
use crate::interrupt::watch;
use crate::profile::Effort;
use crate::program::set_cora;
use crate::rounds::Ended;
use crate::session::{Session, header, measure, new_folder, open_all};
use crate::targets::survey;
use crate::{Exit, cases, env_consent};
use anyhow::{Result, bail};
use chipmark_results::compare::{Comparison, Gate, Waivers};
use chipmark_results::record::{Profile, Settings, TargetInfo};
use chipmark_results::store::{self, ResultsFile};
use chipmark_workloads::Suite;
use std::time::Instant;

/// The files of the two stages in their folder.
const PILOT: &str = "results.jsonl";
const DECISION: &str = "decision.jsonl";

pub(crate) fn check(args: &Args) -> Result<Exit> {
    let waivers = match &args.waivers {
        Some(path) => Waivers::read(path).map_err(|why| anyhow::anyhow!(why))?,
        None => Waivers::default(),
    };
    let gate = Gate { min_coverage: args.min_coverage, waivers };
    let baseline = store::read(&args.baseline)?;
    let comparison = match &args.results {
        Some(path) => Comparison::of_files(&baseline, &store::read(path)?, args.rule.rule()),
        None => match measured(&baseline, args)? {
            Some(comparison) => comparison,
            None => return Ok(Exit::Interrupted),
        },
    };
    if let Some(difference) = comparison.machines.first().filter(|_| !args.other_machine) {
        bail!(
            "the baseline {} is of another machine ({difference}): make one here with `bench run`, or say --other-machine",
            args.baseline.display()
        );
    }
    if comparison.rows.iter().all(|row| row.a.is_none()) {
        bail!("the baseline {} has no cell with a time: make one with `bench run`", args.baseline.display());
    }
    verdict::show(&Finding { comparison, gate }, &args.output)
}

/// Measures the baseline's cells in two stages; nothing where it was interrupted.
fn measured(baseline: &ResultsFile, args: &Args) -> Result<Option<Comparison>> {
    watch();
    let detect = args.rule.detect()?;
    let deadline = args.budget.map(|budget| Instant::now() + budget);
    let then = &baseline.run;
    set_cora(then.settings.cora.as_deref());
    let wanted: Vec<String> = then.targets.iter().map(|info| info.target.to_string()).collect();
    let mut survey = survey(&args.workers, &wanted)?;
    env_consent::set_up(&mut survey, then, &args.baseline, args.trust_env)?;
    let there = |info: &&TargetInfo| survey.available.iter().any(|available| available.target == info.target);
    let names: Vec<String> = then.targets.iter().filter(there).map(|info| info.target.to_string()).collect();
    if names.is_empty() {
        bail!("no target of the baseline {} can be used here; `bench doctor` says why", args.baseline.display());
    }
    let chosen = survey.choose(&names, &[])?;
    let settings = settings(then.settings.clone(), args)?;
    let (targets, open) = open_all(chosen, &mut survey, &settings)?;
    let machine = (chipmark_machine::detect(None), chipmark_machine::state());
    let run = header(&then.suite, settings, machine, &open, survey.missing, cases::as_planned(&then.cases)?);
    let folder = new_folder(&args.out, &run)?;
    let session = Session::create(&folder.join(PILOT), run, targets.clone(), open)?;
    session.say();
    let path = session.writer.path().to_owned();
    let mut ended = measure(session, deadline)?;
    let pilot_file = store::read(&path)?;
    let rule = args.rule.rule();
    let pilot = Comparison::of_files(baseline, &pilot_file, rule);
    let fresh = pilot.fresh(detect);
    let mut decision = None;
    if !fresh.cells.is_empty() && ended == Ended::Complete {
        eprintln!(
            "{} of {} cells may have changed: {} fresh rounds decide",
            fresh.cells.len(),
            pilot.judged,
            fresh.rounds
        );
        let (file, then) = measure_anew(&fresh, &pilot_file, targets, &folder.join(DECISION), deadline)?;
        ended = then;
        decision = Some(Comparison::of_files(baseline, &file, rule).only(&fresh.cells));
    }
    eprintln!("results: {}", folder.display());
    if ended == Ended::Interrupted {
        eprintln!("interrupted: there is no verdict");
        return Ok(None);
    }
    Ok(Some(pilot.decided_by(decision, fresh.rounds, detect)))
}

/// The baseline's settings, with the rounds of the standard profile: those of the baseline may have been too few to decide.
fn settings(then: Settings, args: &Args) -> Result<Settings> {
    let suite = Suite::find("quick")?;
    let Effort { rounds, min_rounds, precision, .. } = Effort::of(Some(Profile::Standard), &suite);
    let rounds = args.rounds.unwrap_or(rounds);
    Ok(Settings {
        profile: Some(Profile::Standard),
        rounds,
        min_rounds: min_rounds.map(|least| least.min(rounds)),
        precision,
        ceilings: false,
        memory: false,
        budget_s: args.budget.map(|budget| budget.as_secs_f64()),
        ..then
    })
}
