//! `bench doctor`: the machine, the frameworks, what is missing and how to get it, what would disturb a measurement.

use crate::cli::{Doctor, Format};
use crate::targets::{OpenWorker, survey};
use crate::{Exit, chip_hint};
use anyhow::{Result, bail};
use chipmark_core::OpenOptions;
use chipmark_machine::{detect, disturbances, state, summary};
use chipmark_results::record::{MissingTarget, Purpose, TargetInfo};
use serde_json::json;
use std::fmt::Write;

/// How much is shown of one build flag.
const VALUE_CHARS: usize = 90;

pub(crate) fn doctor(args: &Doctor) -> Result<Exit> {
    let machine = detect(Some(&args.chip));
    let state = state();
    let disturbances = disturbances(&machine, &state);
    let mut survey = survey(&args.workers.workers, &args.workers.targets)?;
    let options =
        OpenOptions { threads: args.workers.threads.map(usize::from), seed: 1, tf32: args.workers.tf32, launch: 0 };
    let mut targets: Vec<TargetInfo> = Vec::new();
    let chosen = if survey.available.is_empty() { Vec::new() } else { survey.choose(&args.workers.targets, &[])? };
    for available in chosen {
        match OpenWorker::start(&available, &options, 0, Purpose::Check, None) {
            Ok(worker) => targets.push(worker.info),
            Err(error) => survey.missing.push(MissingTarget {
                name: available.target.to_string(),
                why: error.to_string(),
                remedy: None,
                broken: true,
            }),
        }
    }
    chip_hint::say(&machine);
    match args.format {
        Format::Csv => bail!("the doctor speaks in a table or in JSON"),
        Format::Json => {
            let disturbances: Vec<String> = disturbances.iter().map(ToString::to_string).collect();
            let all = json!({ "machine": machine, "state": state, "targets": targets, "missing": survey.missing,
                "disturbances": disturbances });
            super::print(&serde_json::to_string_pretty(&all)?)?;
        }
        Format::Table => {
            let mut text = format!("machine\n  {}\n\ntargets\n", summary(&machine));
            for target in &targets {
                describe(&mut text, target)?;
            }
            if !survey.missing.is_empty() {
                text += "\nmissing\n";
            }
            for missing in &survey.missing {
                writeln!(text, "  {}: {}", missing.name, missing.why)?;
                if let Some(remedy) = &missing.remedy {
                    writeln!(text, "    add it with: {remedy}")?;
                }
            }
            text += "\nwhat would disturb a measurement\n";
            for disturbance in &disturbances {
                writeln!(text, "  {disturbance}")?;
            }
            if disturbances.is_empty() {
                text += "  nothing that can be seen\n";
            }
            super::print(&text)?;
        }
    }
    Ok(Exit::Ok)
}

fn describe(text: &mut String, target: &TargetInfo) -> Result<()> {
    let info = &target.info;
    writeln!(text, "  {}: {} {} ({})", target.target, info.framework, info.version, info.binding)?;
    let threads = info.threads.map(|threads| threads.to_string());
    let lines = [
        ("device", info.device_name.as_deref()),
        ("BLAS", info.blas.as_deref()),
        ("threads", threads.as_deref()),
        ("precision", Some(info.precision.as_str())),
    ];
    for (name, value) in lines {
        if let Some(value) = value {
            writeln!(text, "    {name:<10} {value}")?;
        }
    }
    for (name, value) in &info.build {
        // Some frameworks print pages; JSON has them whole.
        let short: String = value.chars().take(VALUE_CHARS).collect();
        let more = if short.len() < value.len() { "…" } else { "" };
        writeln!(text, "    {name:<10} {short}{more}")?;
    }
    Ok(())
}
