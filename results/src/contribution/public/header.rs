//! The header as it becomes public. Every field is named, so that a new one is left out until somebody decides.

use super::super::scrub::Scrub;
use super::command::command;
use super::machine;
use crate::contribution::Contribution;
use crate::record::{MissingTarget, PlannedCase, Run, Sampling, Settings, TargetInfo};
use chipmark_core::{BackendInfo, CaseId, Cost, Target};

/// How entries of a framework's account begin that repeat variables of the environment.
const ENVIRONMENT: &str = "env.";

/// What is kept of a header, and what is not.
pub(super) struct Kept<'a> {
    pub scrub: &'a Scrub<'a>,
    pub suites: &'a [&'a str],
    pub has_target: &'a dyn Fn(&Target) -> bool,
    pub has_case: &'a dyn Fn(&CaseId) -> bool,
}

/// The header, and how many arguments of its command line are left out.
pub(super) fn header(kept: &Kept<'_>, run: &Run, contribution: Contribution) -> (Run, usize) {
    let scrub = kept.scrub;
    let Run {
        schema,
        run_id,
        started_at,
        harness_version,
        suite,
        contribution: _,
        stage,
        command: given,
        settings: set,
        machine: of,
        state,
        targets,
        missing: lacking,
        cases,
    } = run;
    let (command, left_out) = command(given, kept.suites);
    let run = Run {
        schema: *schema,
        run_id: scrub.text(run_id),
        started_at: moment(started_at),
        harness_version: scrub.text(harness_version),
        suite: scrub.text(suite),
        contribution: Some(contribution),
        stage: *stage,
        command,
        settings: settings(set),
        machine: machine::machine(scrub, of),
        state: machine::state(scrub, state),
        targets: targets
            .iter()
            .filter(|info| (kept.has_target)(&info.target))
            .map(|info| target(scrub, info))
            .collect(),
        missing: lacking.iter().map(|target| missing(scrub, target)).collect(),
        cases: cases.iter().filter(|planned| (kept.has_case)(&planned.case)).map(case).collect(),
    };
    (run, left_out)
}

/// A moment as records have it; nothing of a text that is none.
pub(super) fn moment(text: &str) -> String {
    let is_moment =
        text.len() <= 40 && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | ':' | '.' | 'T' | 'Z'));
    if is_moment { text.to_owned() } else { String::new() }
}

fn settings(settings: &Settings) -> Settings {
    let Settings {
        tier,
        profile,
        rounds,
        min_rounds,
        precision,
        seed,
        threads,
        tf32,
        cora: _,
        budget_s,
        ceilings,
        memory,
        inputs,
        sampling: sampled,
        cell_timeout_s,
    } = settings;
    Settings {
        tier: *tier,
        profile: *profile,
        rounds: *rounds,
        min_rounds: *min_rounds,
        precision: *precision,
        seed: *seed,
        threads: *threads,
        tf32: *tf32,
        cora: None,
        budget_s: *budget_s,
        ceilings: *ceilings,
        memory: *memory,
        inputs: *inputs,
        sampling: sampling(*sampled),
        cell_timeout_s: *cell_timeout_s,
    }
}

fn sampling(sampling: Sampling) -> Sampling {
    let Sampling { warm_up_s, max_warm_up_s, sample_s, precision, min_samples, max_samples, min_block_s, max_block_s } =
        sampling;
    Sampling { warm_up_s, max_warm_up_s, sample_s, precision, min_samples, max_samples, min_block_s, max_block_s }
}

fn target(scrub: &Scrub<'_>, info: &TargetInfo) -> TargetInfo {
    let TargetInfo { target, worker_version, arithmetic, env, threads, info } = info;
    TargetInfo {
        target: target.clone(),
        worker_version: scrub.text(worker_version),
        arithmetic: *arithmetic,
        // A target with variables of its own is here at all only where a built-in suite says the same.
        env: env.clone(),
        threads: *threads,
        info: framework(scrub, info),
    }
}

fn framework(scrub: &Scrub<'_>, info: &BackendInfo) -> BackendInfo {
    let BackendInfo { framework, version, binding, device_name, blas, threads, precision, build } = info;
    let flags = build.iter().filter(|(name, _)| !is_variable(name));
    BackendInfo {
        framework: scrub.text(framework),
        version: scrub.text(version),
        binding: scrub.text(binding),
        device_name: scrub.texts(device_name.as_deref()),
        blas: scrub.texts(blas.as_deref()),
        threads: *threads,
        precision: scrub.text(precision),
        build: flags.map(|(name, value)| (scrub.text(name), scrub.text(value))).collect(),
    }
}

/// Whether an entry of a framework's account repeats a variable of the environment.
pub(super) fn is_variable(name: &str) -> bool {
    name.starts_with(ENVIRONMENT)
}

fn missing(scrub: &Scrub<'_>, target: &MissingTarget) -> MissingTarget {
    let MissingTarget { name, why, remedy: _, broken } = target;
    MissingTarget { name: scrub.text(name), why: scrub.text(why), remedy: None, broken: *broken }
}

fn case(planned: &PlannedCase) -> PlannedCase {
    let PlannedCase { case, modes, cost: counted } = planned;
    PlannedCase { case: case.clone(), modes: modes.clone(), cost: cost(*counted) }
}

pub(super) fn cost(cost: Cost) -> Cost {
    let Cost { flop, bytes, working_set_bytes } = cost;
    Cost { flop, bytes, working_set_bytes }
}
