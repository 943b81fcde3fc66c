//! `bench run`: survey, plan, check, measure, report.

use crate::cli::{Format, Measuring, Run as Args};
use crate::interrupt::{KEPT, watch};
use crate::pace::Planned;
use crate::profile::Effort;
use crate::program::set_cora;
use crate::rounds::{Ended, Plan};
use crate::session::{Session, header, measure, new_folder, open_all, say_targets};
use crate::targets::{Available, survey};
use crate::{Exit, cases, chip_hint, env_consent};
use anyhow::{Result, bail};
use chipmark_core::{Outcome, Target};
use chipmark_reports::Report;
use chipmark_results::conditions;
use chipmark_results::machine::{Machine, MachineState};
use chipmark_results::record::{PlannedCase, Profile, Settings, TargetInfo};
use chipmark_results::store::{self, Writer};
use chipmark_workloads::Suite;
use std::path::Path;

/// The file of a run's records in its folder.
const RESULTS: &str = "results.jsonl";

pub(crate) fn run(args: &Args) -> Result<Exit> {
    watch(KEPT);
    let deadline = args.measuring.spending.deadline();
    let started = match &args.resume {
        Some(path) => Session::resume(path, args)?,
        None => match Session::fresh(args)? {
            Some(started) => started,
            None => return Ok(Exit::Ok),
        },
    };
    let path = started.writer.path().to_owned();
    let ended = measure(started, deadline)?;
    finish(&path, args.format, ended)
}

impl Session {
    /// Surveys and plans; nothing where only the plan was asked for. The folder is made last, when nothing else can be
    /// wrong.
    fn fresh(args: &Args) -> Result<Option<Self>> {
        let Measuring { suite, selection, spending, .. } = &args.measuring;
        let suite = Suite::find(suite)?;
        set_cora(selection.cora.as_deref());
        let cases = cases::select(&suite, selection)?;
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
            chip_hint::say(&machine);
            say_targets(&chosen, &survey.missing);
            return show_plan(&suite, &cases, &chosen, (&settings, &machine), args.format).map(|()| None);
        }
        let state = chipmark_machine::state();
        refuse_disturbed(&settings, &machine, &state)?;
        let (targets, open) = open_all(chosen, &mut survey, &settings)?;
        let run = header(&suite.name, settings, (machine, state), &open, survey.missing, cases);
        let folder = new_folder(&spending.out, &run)?;
        let session = Session::create(&folder.join(RESULTS), run, targets, open).inspect_err(|_| {
            // Nothing half-written: the folder was made for this file.
            let _ = std::fs::remove_dir(&folder);
        })?;
        // Not before: bad use gets one line.
        session.say();
        Ok(Some(session))
    }

    /// Takes everything from the file; the targets must be there as they were.
    fn resume(path: &Path, args: &Args) -> Result<Self> {
        let (writer, file) = Writer::resume(path)?;
        let run = &file.run;
        let machine = chipmark_machine::detect(None);
        if conditions::Machine::of(&run.machine) != conditions::Machine::of(&machine) {
            bail!("{} is a run of another machine ({}): it cannot go on here", path.display(), run.machine.chip);
        }
        refuse_disturbed(&run.settings, &machine, &chipmark_machine::state())?;
        let wanted: Vec<String> = run.targets.iter().map(|info| info.target.to_string()).collect();
        set_cora(run.settings.cora.as_deref());
        let mut survey = survey(&args.workers.workers, &wanted)?;
        env_consent::set_up(&mut survey, run, path, args.trust_env)?;
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
        Ok(Session { writer, file, targets, open })
    }
}

fn same_framework(now: &TargetInfo, then: &TargetInfo) -> bool {
    let key = |info: &TargetInfo| (info.worker_version.clone(), info.info.version.clone(), info.info.blas.clone());
    key(now) == key(then)
}

fn settings(args: &Args, suite: &Suite) -> Settings {
    let profile = args.profile();
    let effort = Effort::of(profile, suite).within(args.rounds);
    Settings {
        threads: args.workers.threads.map(usize::from),
        tf32: args.workers.tf32,
        ceilings: !args.no_ceilings,
        memory: args.memory || profile.is_some_and(|profile| profile != Profile::Quick),
        ..effort.settings(profile, suite, &args.measuring)
    }
}

/// Results to publish are not measured on a machine that something disturbs.
fn refuse_disturbed(settings: &Settings, machine: &Machine, state: &MachineState) -> Result<()> {
    if settings.profile != Some(Profile::Publish) {
        return Ok(());
    }
    let found = chipmark_machine::disturbances(machine, state);
    let found: Vec<String> =
        found.iter().filter(|disturbance| disturbance.forbids_publishing()).map(ToString::to_string).collect();
    if found.is_empty() {
        return Ok(());
    }
    bail!("nothing to publish can be measured now: {}", found.join("; "))
}

/// `--dry-run`.
fn show_plan(
    suite: &Suite,
    cases: &[PlannedCase],
    targets: &[Available],
    (settings, machine): (&Settings, &Machine),
    format: Format,
) -> Result<()> {
    let plan = Plan { cases, targets, settings, machine };
    let planned = Planned::of(&plan);
    if format != Format::Table {
        let targets: Vec<&Target> = targets.iter().map(|available| &available.target).collect();
        let seconds = planned.all().as_secs_f64().round();
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
    let parts = [
        ("for the checks", planned.checks),
        ("for the ceilings", planned.ceilings),
        ("for the rounds", planned.rounds),
        ("for the memory", planned.memory),
    ];
    let parts = parts.iter().filter(|(_, time)| !time.is_zero());
    let parts: Vec<String> = parts.map(|(what, time)| format!("{} {what}", crate::text::duration(*time))).collect();
    let rounds = match settings.min_rounds {
        Some(least) if least < settings.rounds => format!("{least} to {}", settings.rounds),
        _ => settings.rounds.to_string(),
    };
    text += &format!(
        "\nsuite {}: {} cases, {cells} cells, {rounds} rounds; about {}\n",
        suite.name,
        cases.len(),
        parts.join(", ")
    );
    super::print(&text)
}

/// Reads the file back, as anybody would, and shows it.
fn finish(path: &Path, format: Format, ended: Ended) -> Result<Exit> {
    let file = store::read(path)?;
    let report = Report::new(std::slice::from_ref(&file));
    super::report::show(&report, format.into())?;
    eprintln!("results: {}", path.display());
    if let Some(folder) = path.parent() {
        super::report::write(&report, folder)?;
    }
    let go_on = format!("bench run --resume {}{}", path.display(), env_consent::option(&file.run));
    match ended {
        Ended::Interrupted => {
            eprintln!("interrupted; go on with: {go_on}");
            return Ok(Exit::Interrupted);
        }
        Ended::OverBudget => eprintln!("the time was up; go on with: {go_on}"),
        Ended::Complete => {}
    }
    let bad = chipmark_results::cells::cells(&file)
        .iter()
        .any(|cell| matches!(cell.outcome, Outcome::Wrong | Outcome::Crashed | Outcome::TimedOut | Outcome::Failed));
    Ok(if bad { Exit::Failed } else { Exit::Ok })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipmark_results::fixture;
    use chipmark_results::machine::HeavyProcess;

    fn publish() -> Settings {
        Settings { profile: Some(Profile::Publish), ..fixture::run().settings }
    }

    /// The reason why nothing can be published from a machine in this state.
    fn refusal(state: &MachineState) -> String {
        let machine = Machine { logical_cores: Some(8), memory_bytes: Some(16 << 30), ..Machine::default() };
        let other = Settings { profile: Some(Profile::Standard), ..publish() };
        refuse_disturbed(&other, &machine, state).unwrap();
        refuse_disturbed(&publish(), &machine, state).unwrap_err().to_string()
    }

    #[test]
    fn nothing_is_published_from_a_disturbed_machine_and_each_reason_has_its_remedy() {
        let calm = MachineState::default;
        let text = |text: &str| Some(text.to_owned());
        let process = HeavyProcess { name: "compiler".to_owned(), cpu_percent: 97.0 };
        for (state, what, remedy) in [
            (MachineState { power_source: text("battery"), ..calm() }, "runs on battery", "connect it to its charger"),
            (MachineState { low_power_mode: Some(true), ..calm() }, "low-power mode is on", "turn it off"),
            (MachineState { thermal: text("serious"), ..calm() }, "thermal state: serious", "let it cool down"),
            (MachineState { governor: text("powersave"), ..calm() }, "governor is powersave", "-g performance"),
            (MachineState { heavy_processes: vec![process], ..calm() }, "compiler takes 97% of a core", "quit it"),
        ] {
            let line = refusal(&state);
            assert!(line.starts_with("nothing to publish can be measured now: "), "{line}");
            assert!(line.contains(what) && line.contains(remedy) && !line.contains('\n'), "{line}");
        }
        let both = MachineState { power_source: text("battery"), low_power_mode: Some(true), ..calm() };
        let line = refusal(&both);
        assert!(line.contains("charger; a low-power mode"), "{line}");
    }

    #[cfg(not(debug_assertions))]
    #[test]
    fn a_calm_machine_may_be_published_from_though_it_be_virtual() {
        let machine = Machine { hypervisor: Some("KVM".to_owned()), ..Machine::default() };
        refuse_disturbed(&publish(), &machine, &MachineState::default()).unwrap();
    }
}
