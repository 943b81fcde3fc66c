//! `bench ab WORKER_A WORKER_B`: two builds of a worker on one machine, measured in the same rounds.

use super::verdict::{self, Finding};
use crate::cli::Ab as Args;
use crate::interrupt::watch;
use crate::profile::Effort;
use crate::program::{KNOWN, Program};
use crate::session::{header, new_folder, open_all};
use crate::targets::{Available, Setup, Survey, survey_one};
use crate::two_stages::{self, TwoStages};
use crate::{Exit, cases};
use anyhow::{Context, Result, bail};
use chipmark_core::{Device, Execution, Target};
use chipmark_results::compare::Comparison;
use chipmark_results::record::{Profile, Settings};
use chipmark_workloads::Suite;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

pub(crate) fn ab(args: &Args) -> Result<Exit> {
    watch();
    let gate = args.gate.gate()?;
    let detect = args.rule.detect()?;
    let deadline = args.budget.map(|budget| Instant::now() + budget);
    let suite = Suite::find(&args.suite)?;
    let cases = cases::select(&suite, &args.selection)?;
    let a = side(&args.a, "a", &args.env_a, args)?;
    let b = side(&args.b, "b", &args.env_b, args)?;
    if a.target.framework != b.target.framework {
        bail!(
            "{} serves {} and {} serves {}: two frameworks are compared by `bench run`, two builds of one by `bench ab`",
            args.a,
            a.target.framework,
            args.b,
            b.target.framework
        );
    }
    let (target_a, target_b) = (a.target.clone(), b.target.clone());
    let settings = settings(args, &suite);
    let machine = (chipmark_machine::detect(None), chipmark_machine::state());
    let mut survey = Survey::default();
    let (targets, open) = open_all(vec![a, b], &mut survey, &settings)?;
    if let Some(lost) = survey.missing.first() {
        bail!("{}: {}", lost.name, lost.why);
    }
    let run = header(&suite.name, settings, machine, &open, Vec::new(), cases);
    let folder = new_folder(&args.out, &run)?;
    let rule = args.rule.rule();
    let stages = TwoStages { run, targets, open, folder: &folder, detect, deadline };
    let compare = |file: &_| Comparison::of_targets(file, &target_a, &target_b, rule);
    let Some(comparison) = two_stages::decide(stages, compare)? else { return Ok(Exit::Interrupted) };
    verdict::show(&Finding { comparison, gate }, &args.output)
}

fn settings(args: &Args, suite: &Suite) -> Settings {
    // How a launch is sampled is the suite's to say; how many there are is not.
    let Effort { sampling, .. } = Effort::of(None, suite);
    let Effort { rounds, min_rounds, precision, .. } = Effort::of(Some(Profile::Standard), suite);
    let rounds = args.rounds.unwrap_or(rounds);
    Settings {
        tier: Some(args.selection.tier.unwrap_or(suite.tier)),
        profile: Some(Profile::Standard),
        rounds,
        min_rounds: min_rounds.map(|least| least.min(rounds)),
        precision,
        seed: args.seed,
        threads: args.threads.map(usize::from),
        tf32: false,
        cora: None,
        ceilings: false,
        memory: false,
        inputs: args.inputs,
        budget_s: args.budget.map(|budget| budget.as_secs_f64()),
        sampling,
        cell_timeout_s: args.cell_timeout.as_secs_f64(),
    }
}

/// One side: a program by its path, or a built-in framework by its name, on the device asked for or else its best.
fn side(worker: &str, variant: &str, env: &[(String, String)], args: &Args) -> Result<Available> {
    let built_in = KNOWN.iter().find(|known| known.name == worker && known.program.is_none());
    let program = match built_in {
        Some(known) => Program::BuiltIn(known.name),
        None => Program::At(PathBuf::from(worker)),
    };
    let env: BTreeMap<String, String> = env.iter().cloned().collect();
    let found = survey_one(&program).with_context(|| worker.to_owned())?;
    let fits = |available: &&Available| {
        let Target { device, execution, .. } = available.target;
        args.device.is_none_or(|wanted: Device| wanted == device)
            && execution == args.execution.unwrap_or(Execution::Eager)
    };
    let Some(available) = found.available.iter().rfind(fits) else {
        let there: Vec<String> = found.available.iter().map(|available| available.target.to_string()).collect();
        bail!("{worker} has no such device or execution: there are {}", there.join(", "));
    };
    let target = Target { variant: Some(variant.to_owned()), ..available.target.clone() };
    Ok(Available { target, setup: Setup { env, threads: None, blas: None }, ..available.clone() })
}
