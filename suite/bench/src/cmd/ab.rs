//! `bench ab WORKER_A WORKER_B`: two builds of a worker on one machine, measured in the same rounds.

use super::verdict::{self, Finding};
use crate::cli::{Ab as Args, Deciding, Measuring};
use crate::interrupt::{KEPT, watch};
use crate::profile::Effort;
use crate::program::{KNOWN, Program, set_cora};
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

pub(crate) fn ab(args: &Args) -> Result<Exit> {
    watch(KEPT);
    let Measuring { suite, selection, spending, .. } = &args.measuring;
    let Deciding { rule, gate, output, .. } = &args.deciding;
    let (gate, detect) = (gate.gate()?, rule.detect()?);
    let deadline = spending.deadline();
    let suite = Suite::find(suite)?;
    set_cora(selection.cora.as_deref());
    let cases = cases::select(&suite, selection)?;
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
    let folder = new_folder(&spending.out, &run)?;
    let rule = rule.rule();
    let stages = TwoStages { run, targets, open, folder: &folder, detect, deadline };
    let compare = |file: &_| Comparison::of_targets(file, &target_a, &target_b, rule);
    let Some(comparison) = two_stages::decide(stages, compare)? else { return Ok(Exit::Interrupted) };
    verdict::show(&Finding { comparison, gate }, output)
}

fn settings(args: &Args, suite: &Suite) -> Settings {
    let profile = Some(Profile::Standard);
    // How a launch is sampled is the suite's to say; how many there are is not.
    let effort = Effort { sampling: Effort::of(None, suite).sampling, ..Effort::of(profile, suite) };
    let threads = args.threads.map(usize::from);
    Settings { threads, ..effort.within(args.deciding.rounds).settings(profile, suite, &args.measuring) }
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
