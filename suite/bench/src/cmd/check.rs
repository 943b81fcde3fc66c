//! `bench check --baseline FILE`: the gate of a CI. It measures what the baseline has, looks again at what may have changed, and
//! decides; or judges a results file that is there already.

use super::verdict::{self, Finding};
use crate::cli::{Check as Args, Deciding};
use crate::interrupt::{KEPT, watch};
use crate::profile::Effort;
use crate::program::set_cora;
use crate::session::{header, new_folder, open_all};
use crate::targets::survey;
use crate::two_stages::{self, TwoStages};
use crate::{Exit, cases, env_consent};
use anyhow::{Result, bail};
use chipmark_results::cells::cells;
use chipmark_results::compare::{Comparison, different_machines};
use chipmark_results::machine::Machine;
use chipmark_results::record::{Profile, Settings, TargetInfo};
use chipmark_results::store::{self, ResultsFile};
use chipmark_workloads::Suite;

pub(crate) fn check(args: &Args) -> Result<Exit> {
    let Deciding { rule, gate, output, .. } = &args.deciding;
    let gate = gate.gate()?;
    std::iter::once(&args.baseline).chain(&args.results).try_for_each(|path| super::refuse_withdrawn(path))?;
    let baseline = store::read(&args.baseline)?;
    // Before anything is measured: it would be in vain.
    if cells(&baseline).iter().all(|cell| cell.estimate.is_none()) {
        bail!("the baseline {} has no cell with a time: make one with `bench run`", args.baseline.display());
    }
    let comparison = match &args.results {
        Some(path) => {
            let results = store::read(path)?;
            verdict::refuse_same_run(&baseline, &results)?;
            refuse_other_machine(&baseline, &results.run.machine, args)?;
            Comparison::of_files(&baseline, &results, rule.rule())
        }
        None => {
            let machine = chipmark_machine::detect(None);
            refuse_other_machine(&baseline, &machine, args)?;
            match measured(&baseline, machine, args)? {
                Some(comparison) => comparison,
                None => return Ok(Exit::Interrupted),
            }
        }
    };
    verdict::show(&Finding { comparison, gate }, output)
}

fn refuse_other_machine(baseline: &ResultsFile, machine: &Machine, args: &Args) -> Result<()> {
    let differences = different_machines(&baseline.run.machine, machine);
    if let Some(difference) = differences.first().filter(|_| !args.other_machine) {
        bail!(
            "the baseline {} is of another machine ({difference}): make one here with `bench run`, or say --other-machine",
            args.baseline.display()
        );
    }
    Ok(())
}

/// Measures the baseline's cells in two stages; nothing where it was interrupted.
fn measured(baseline: &ResultsFile, machine: Machine, args: &Args) -> Result<Option<Comparison>> {
    watch(KEPT);
    let Args { deciding: Deciding { rule, .. }, spending, .. } = args;
    let detect = rule.detect()?;
    let deadline = spending.deadline();
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
    let machine = (machine, chipmark_machine::state());
    let run = header(&then.suite, settings, machine, &open, survey.missing, cases::as_planned(&then.cases)?);
    let folder = new_folder(&spending.out, &run)?;
    let rule = rule.rule();
    let stages = TwoStages { run, targets, open, folder: &folder, detect, deadline };
    two_stages::decide(stages, |file| Comparison::of_files(baseline, file, rule))
}

/// The baseline's settings, with the rounds of the standard profile: those of the baseline may have been too few to decide.
fn settings(then: Settings, args: &Args) -> Result<Settings> {
    let suite = Suite::find("quick")?;
    let profile = Some(Profile::Standard);
    let Effort { rounds, min_rounds, precision, .. } = Effort::of(profile, &suite).within(args.deciding.rounds);
    Ok(Settings {
        profile,
        rounds,
        min_rounds,
        precision,
        ceilings: false,
        memory: false,
        budget_s: args.spending.budget_s(),
        ..then
    })
}
