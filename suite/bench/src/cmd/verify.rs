//! `bench verify`: every case against the f64 reference, on every target that can be used, in every execution. Nothing is timed.

use crate::checks::Checker;
use crate::cli::{Format, Selection, Verify};
use crate::interrupt::watch;
use crate::program::set_cora;
use crate::progress::Progress;
use crate::targets::survey;
use crate::worker_process::WorkerError;
use crate::{Exit, cases, support};
use anyhow::{Result, anyhow};
use chipmark_core::{DType, OpPath, OpenOptions, Outcome};
use chipmark_results::record::{Check, Record};
use chipmark_workloads::Suite;
use serde_json::{Value, json};
use std::time::Duration;

/// The time for one case on one target.
const TIMEOUT: Duration = Duration::from_secs(120);

pub(crate) fn verify(args: &Verify) -> Result<Exit> {
    watch("nothing is said of what was not checked");
    let suite = match &args.suite {
        Some(name) => Suite { tier: args.tier, ..Suite::find(name)? },
        None => cases::everything(args.tier)?,
    };
    let dtypes = match (args.dtypes.as_slice(), &args.suite, args.cases.as_slice()) {
        // Nothing that names a dtype: every one.
        ([], None, []) => DType::TIMED.to_vec(),
        (dtypes, ..) => dtypes.to_vec(),
    };
    set_cora(args.cora.as_deref());
    let (cases, cora) = (args.cases.clone(), args.cora.clone());
    let selection = Selection { cases, modes: Vec::new(), dtypes, tier: Some(args.tier), cora };
    let planned = cases::select(&suite, &selection)?;
    let mut survey = survey(&args.workers.workers, &args.workers.targets)?;
    survey.set_up_all(&suite.targets);
    let targets = match args.workers.targets.as_slice() {
        [] if suite.targets.is_empty() => survey.everything(),
        named => survey.choose(named, &suite.targets)?,
    };
    let threads = args.workers.threads.map(usize::from);
    let options = OpenOptions { threads, seed: args.seed, tf32: args.workers.tf32, launch: 0 };
    let mut checker = Checker::new(&targets, options, TIMEOUT, Vec::new(), 0).with_calls(args.calls);
    let mut checks: Vec<Check> = Vec::new();
    let mut shares: Vec<Value> = Vec::new();
    let mut progress = Progress::start("verifying", planned.len() as u64);
    for case in &planned {
        progress.now(&case.case.to_string(), None);
        let records = match checker.check(&case.case) {
            Ok(records) => records,
            Err(WorkerError::Interrupted) => return Ok(Exit::Interrupted),
            Err(error) => return Err(anyhow!(error).context(case.case.to_string())),
        };
        for record in records {
            match record {
                Record::Check(check) => checks.push(check),
                Record::Worker(worker) => {
                    shares.push(json!({ "target": worker.target, "finish_share": worker.finish_share }));
                }
                _ => {}
            }
        }
        progress.step();
    }
    drop(progress);
    if args.support {
        super::print(&support::markdown(&checks))?;
    } else {
        show(&checks, &shares, args.format)?;
    }
    let bad = checks.iter().any(|check| !matches!(check.outcome, Outcome::Ok | Outcome::Unsupported));
    Ok(if bad { Exit::Failed } else { Exit::Ok })
}

fn show(checks: &[Check], shares: &[Value], format: Format) -> Result<()> {
    if format == Format::Json {
        let all = json!({ "checks": checks, "finish": shares });
        return super::print(&serde_json::to_string_pretty(&all)?);
    }
    let heads = ["case", "target", "result", "error / allowed", "remarks"];
    let rows: Vec<Vec<Value>> = checks.iter().map(row).collect();
    super::print(&super::list::render(&heads, &rows, format)?)?;
    for worker in shares {
        if let (Some(target), Some(share)) = (worker["target"].as_str(), worker["finish_share"].as_f64()) {
            super::print(&format!("{target}: finish waits for {:.1} % of its work", share * 100.0))?;
        }
    }
    let count = |word: &str| checks.iter().filter(|check| result(check) == word).count();
    let words = ["pass", "composed", "unsupported", "wrong"].map(|word| format!("{} {word}", count(word)));
    let others = checks.len() - ["pass", "composed", "unsupported", "wrong"].map(count).iter().sum::<usize>();
    super::print(&format!("\n{} checks: {}, {others} other", checks.len(), words.join(", ")))
}

/// The word of a check: a pass by other ops than the framework's own is `composed`.
fn result(check: &Check) -> &'static str {
    let composed = check.paths.iter().any(|path| matches!(path, OpPath::Composed { .. }));
    match check.outcome {
        Outcome::Ok if composed => "composed",
        Outcome::Ok => "pass",
        other => other.name(),
    }
}

fn row(check: &Check) -> Vec<Value> {
    let error = check
        .comparisons
        .iter()
        .max_by(|a, b| (a.comparison.error / a.comparison.bound).total_cmp(&(b.comparison.error / b.comparison.bound)))
        .map(|worst| format!("{:.1e} / {:.1e}", worst.comparison.error, worst.comparison.bound));
    let composed: Vec<String> =
        check.paths.iter().filter(|path| matches!(path, OpPath::Composed { .. })).map(ToString::to_string).collect();
    let tf32 = check.tf32.then(|| "off as far as TF32 would be".to_owned());
    let remarks =
        check.reason.clone().unwrap_or_else(|| tf32.into_iter().chain(composed).collect::<Vec<_>>().join("; "));
    vec![json!(check.case), json!(check.target), json!(result(check)), json!(error), json!(remarks)]
}
