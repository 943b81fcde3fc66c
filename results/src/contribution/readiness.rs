//! What a run lacks to be contributed, each with what to do about it, and what its readers will be told. What disturbs a machine
//! and what is converged is decided elsewhere; here is said how much of it is too much.

use super::validate::{LEAST_LAUNCHES, LEAST_LAUNCHES_IN_BUDGET, is_unknown_chip};
use crate::cells::cells;
use crate::disturbance::{Disturbance, disturbances, disturbed_rounds_by, slowed_by, slowed_rounds};
use crate::estimate::median;
use crate::record::{Flag, Profile, Round};
use crate::store::ResultsFile;
use std::collections::BTreeSet;
use std::fmt;

/// A run of which more than this share of its rounds was disturbed, void ones among them, says too little of its machine.
const MOST_DISTURBED: f64 = 0.5;

/// And so does one whose ratios are known no better than this at their median: half the width of a 95% interval, as a share. Ten times
/// what profile `publish` asks for.
const NOISE: f64 = 0.1;

/// Something to know, and what to do about it. `Display` is both in one line. It may hold texts of the file as they stand there:
/// whoever shows it cleans it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// What there is.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.remedy)
    }
}

/// Whether a run can be contributed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readiness {
    /// What stands in the way.
    pub missing: Vec<Point>,
    /// What does not, and its readers will see.
    pub notes: Vec<Point>,
}

impl Readiness {
    /// Adds what stands in the way.
    pub fn missing(&mut self, what: impl Into<String>, remedy: impl Into<String>) {
        self.missing.push(Point { what: what.into(), remedy: remedy.into() });
    }

    fn note(&mut self, what: impl Into<String>, remedy: impl Into<String>) {
        self.notes.push(Point { what: what.into(), remedy: remedy.into() });
    }

    fn disturbed(&mut self, when: &str, disturbance: &Disturbance, forbids: bool) {
        let what = format!("{when}: {}", disturbance.what());
        if forbids {
            self.missing(what, format!("{}, and measure again", disturbance.remedy()));
        } else {
            self.note(what, disturbance.remedy());
        }
    }
}

/// What a run lacks. `public` is what of `file` becomes public, and `suites` are the names of the built-in suites.
#[must_use]
pub fn readiness(file: &ResultsFile, public: &ResultsFile, suites: &[&str]) -> Readiness {
    let mut found = Readiness::default();
    kind(file, suites, &mut found);
    whole(file, &mut found);
    machine(file, &mut found);
    rounds(file, &mut found);
    cells_of(public, &mut found);
    found
}

/// Whether it is a run as they are contributed.
fn kind(file: &ResultsFile, suites: &[&str], found: &mut Readiness) {
    let run = &file.run;
    let again = "measure with `bench run --profile publish`";
    if run.contribution.is_some() {
        found.missing("it is a contributed file already", "name the file that `bench run` wrote");
    }
    if run.stage.is_some() || run.command.first().is_none_or(|verb| verb != "run") {
        found.missing("it is a part of a comparison, and no run that stands for itself", again);
    }
    if run.settings.profile != Some(Profile::Publish) {
        let profile = match run.settings.profile {
            Some(Profile::Quick) => "the profile is quick",
            Some(Profile::Standard) => "the profile is standard",
            Some(Profile::Publish) | None => "it has no profile",
        };
        found.missing(profile, again);
    }
    if !suites.contains(&run.suite.as_str()) || names_a_file(&run.command, &run.suite) {
        let built_in = suites.join(", ");
        found.missing(
            format!("the suite {} is a file of one's own, which nobody else can measure", run.suite),
            format!("measure a built-in suite: {built_in}"),
        );
    }
    if (run.settings.rounds as usize) < LEAST_LAUNCHES {
        found.missing(format!("{} launches a cell at most", run.settings.rounds), "leave --rounds to the profile");
    }
}

/// Whether the command line has a suite of another name than the run's: a file called as a built-in suite is.
fn names_a_file(command: &[String], suite: &str) -> bool {
    let values = command.windows(2).filter_map(|pair| match pair {
        [flag, value] if flag == "--suite" => Some(value.as_str()),
        _ => None,
    });
    let joined = command.iter().filter_map(|argument| argument.strip_prefix("--suite="));
    values.chain(joined).any(|value| value != suite)
}

/// Whether it ended by itself, or by its time limit.
fn whole(file: &ResultsFile, found: &mut Readiness) {
    let go_on = format!("`bench run --resume {}` goes on with it", file.path.display());
    match file.ends.last() {
        None => found.missing("it was killed, or is still going on", go_on),
        Some(end) if end.complete => {}
        Some(end) if end.is_time_up() && file.run.settings.budget_s.is_some() => {
            found.note("its time was up before it was complete", go_on);
        }
        Some(end) => {
            let why = end.reason.as_deref().unwrap_or("nobody knows why");
            found.missing(format!("it is not complete: {why}"), go_on);
        }
    }
    if file.torn_tail && file.ends.last().is_some() {
        found.missing("its last line is cut off", format!("`bench run --resume {}` mends it", file.path.display()));
    }
}

/// What the machine is, and what state it was in.
fn machine(file: &ResultsFile, found: &mut Readiness) {
    let run = &file.run;
    for disturbance in disturbances(&run.machine, &run.state) {
        found.disturbed("when it started", &disturbance, disturbance.forbids_publishing());
    }
    let counted: Vec<&Round> = file.rounds.iter().filter(|round| round.void.is_none()).collect();
    for (disturbance, times) in slowed_rounds(run, counted.iter().copied()) {
        let when = format!("after {times} of {} rounds", counted.len());
        found.disturbed(&when, &disturbance, is_of_the_power(&disturbance));
    }
    let mut told = BTreeSet::new();
    for disturbance in file.ends.iter().flat_map(|end| slowed_by(&run.machine, &run.state, &end.state)) {
        if told.insert(disturbance.what()) {
            found.disturbed("when it ended", &disturbance, is_of_the_power(&disturbance));
        }
    }
    if is_unknown_chip(run) {
        let remedy = "a reviewer will look at it; suite/docs/CHIPS.md tells how its figures are added";
        found.note(format!("the chip {} is not in results/chips.toml", run.machine.chip), remedy);
    }
}

/// What makes all times of a machine others than they would be. The rest slows single rounds, and is flagged there.
fn is_of_the_power(disturbance: &Disturbance) -> bool {
    matches!(disturbance, Disturbance::OnBattery | Disturbance::LowPowerMode | Disturbance::Hot { .. })
}

/// How many rounds were disturbed by something else than the limits that a graphics processor or a processor has at work.
fn rounds(file: &ResultsFile, found: &mut Readiness) {
    let own = |disturbance: &Disturbance| {
        matches!(
            disturbance,
            Disturbance::GpuThrottled { .. } | Disturbance::GpuPowerLimited { .. } | Disturbance::ClockLimited { .. }
        )
    };
    let all: BTreeSet<u32> = file.rounds.iter().map(|round| round.round).collect();
    let void: BTreeSet<u32> = file.rounds.iter().filter(|r| r.void.is_some()).map(|round| round.round).collect();
    let disturbed = disturbed_rounds_by(&file.run, &file.rounds, |disturbance| !own(disturbance));
    let bad = void.len() + disturbed.len();
    let what = format!("{bad} of {} rounds were disturbed", all.len());
    if bad as f64 > MOST_DISTURBED * all.len() as f64 {
        found.missing(what, "quit other programs, and measure again");
    } else if bad > 0 {
        found.note(what, "they count for nothing, or their cells are flagged");
    }
}

/// How many cells have a time, and how well it is known.
fn cells_of(public: &ResultsFile, found: &mut Readiness) {
    let cells = cells(public);
    let timed = cells.iter().filter(|cell| cell.estimate.is_some());
    let flagged = |flag: Flag| timed.clone().filter(|cell| cell.flags.contains(&flag)).count();
    let (count, unconverged) = (timed.clone().count(), flagged(Flag::Unconverged));
    if count == 0 {
        let why = if public.run.targets.is_empty() { "no target is left" } else { "no cell has a time" };
        return found.missing(why, "`bench doctor` says what can be measured here");
    }
    if count < cells.len() {
        let what = format!("{} of {} cells have no time", cells.len() - count, cells.len());
        found.note(what, "each has a row that says why");
    }
    let few = |least: usize| {
        let launches = timed.clone().filter_map(|cell| cell.estimate.as_ref());
        launches.filter(|estimate| estimate.launches < least).count()
    };
    match few(LEAST_LAUNCHES_IN_BUDGET) {
        0 => {}
        few => found.missing(
            format!("{few} of {count} cells have fewer than {LEAST_LAUNCHES_IN_BUDGET} launches"),
            format!("`bench run --resume {}` goes on with it", public.path.display()),
        ),
    }
    let widths: Vec<f64> = timed.clone().filter_map(|cell| cell.ratio_half_width).collect();
    if let Some(width) = median(&widths).filter(|width| *width > NOISE) {
        found.missing(
            format!("the noise is too high: half of the cells are known to no better than ±{:.0} %", 100.0 * width),
            "quit other programs, and measure again",
        );
    }
    if unconverged > 0 {
        let what = format!("{unconverged} of {count} cells are known less well than was asked for");
        found.note(what, "they are flagged; more time, or a quieter machine, narrows them");
    }
}

#[cfg(all(test, feature = "fixture"))]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::machine::HeavyProcess;
    use crate::record::{End, Stage};

    const SUITES: [&str; 2] = ["quick", "main"];

    /// A run that lacks nothing.
    fn ready() -> ResultsFile {
        let mut file = fixture::rounds(&[[1000.0, 2000.0]; 12]);
        let calm = fixture::calm(0).state;
        file.run.settings.profile = Some(Profile::Publish);
        file.run.machine.chip_given = false;
        (file.run.state, file.run.state.heavy_processes) = (calm.clone(), Vec::new());
        file.ends = vec![End { complete: true, reason: None, state: calm, ..fixture::end() }];
        file
    }

    /// What stands in the way of a run that was changed so, and what does not.
    fn of(change: impl Fn(&mut ResultsFile)) -> (Vec<String>, Vec<String>) {
        let mut file = ready();
        change(&mut file);
        let Readiness { missing, notes } = readiness(&file, &file, &SUITES);
        (missing.iter().map(ToString::to_string).collect(), notes.iter().map(ToString::to_string).collect())
    }

    #[track_caller]
    fn lacks(part: &str, change: impl Fn(&mut ResultsFile)) {
        let (missing, _) = of(change);
        assert!(missing.len() == 1 && missing[0].contains(part), "{missing:#?}");
        assert!(!missing[0].contains('\n') && missing[0].contains(": "), "{missing:#?}");
    }

    #[track_caller]
    fn notes(part: &str, change: impl Fn(&mut ResultsFile)) {
        let (missing, notes) = of(change);
        assert!(missing.is_empty() && notes.iter().any(|note| note.contains(part)), "{missing:#?} {notes:#?}");
    }

    #[test]
    fn a_run_that_lacks_nothing() {
        assert_eq!(of(|_| ()), (vec![], vec![]));
    }

    #[test]
    fn another_kind_of_run() {
        lacks("the profile is standard", |file| file.run.settings.profile = Some(Profile::Standard));
        lacks("it has no profile", |file| file.run.settings.profile = None);
        lacks("part of a comparison", |file| file.run.stage = Some(Stage::Decision));
        lacks("part of a comparison", |file| file.run.command[0] = "check".to_owned());
        lacks("the suite mine is a file", |file| {
            file.run.suite = "mine".to_owned();
            file.run.command = ["run", "--suite=mine.toml"].map(str::to_owned).to_vec();
        });
        lacks("the suite quick is a file", |file| file.run.command[2] = "./quick.toml".to_owned());
        lacks("11 launches a cell at most", |file| file.run.settings.rounds = 11);
        lacks("a contributed file already", |file| {
            file.run.contribution =
                Some(crate::contribution::Contribution { machine_id: "0".repeat(32), contributor: None });
        });
    }

    #[test]
    fn a_run_that_did_not_end_by_itself() {
        lacks("it was killed", |file| file.ends.clear());
        lacks("it is not complete: it was interrupted", |file| {
            (file.ends[0].complete, file.ends[0].reason) = (false, Some("it was interrupted".to_owned()));
        });
        lacks("its last line is cut off", |file| file.torn_tail = true);
        let time_is_up = |file: &mut ResultsFile, budget_s: Option<f64>| {
            (file.ends[0].complete, file.ends[0].reason) = (false, Some(End::TIME_UP.to_owned()));
            file.run.settings.budget_s = budget_s;
        };
        notes("its time was up", |file| time_is_up(file, Some(60.0)));
        lacks("it is not complete: the time of the run was up", |file| time_is_up(file, None));
    }

    #[test]
    fn a_machine_that_is_not_itself() {
        let battery = || Some("battery".to_owned());
        lacks("when it started: the machine runs on battery", |file| file.run.state.power_source = battery());
        lacks("after 1 of 12 rounds: the machine runs on battery", |file| {
            file.rounds[3].state.power_source = battery();
        });
        lacks("when it ended: the machine runs on battery", |file| file.ends[0].state.power_source = battery());
        lacks("low-power mode", |file| file.ends[0].state.low_power_mode = Some(true));
        lacks("thermal state: serious", |file| file.rounds[0].state.thermal = Some("serious".to_owned()));
        lacks("this program is translated, as by Rosetta", |file| file.run.machine.translated = true);
        notes("this is a virtual machine (KVM)", |file| file.run.machine.hypervisor = Some("KVM".to_owned()));
        notes("the chip Apple M99 is not in results/chips.toml", |file| {
            (file.run.machine.chip, file.run.machine.chip_detected) = ("Apple M99".to_owned(), None);
        });
    }

    #[test]
    fn rounds_that_were_disturbed() {
        let busy = |file: &mut ResultsFile, rounds: usize| {
            let process = HeavyProcess { name: "compiler".to_owned(), cpu_percent: 97.0 };
            file.rounds.iter_mut().take(rounds).for_each(|round| round.state.heavy_processes = vec![process.clone()]);
        };
        notes("6 of 12 rounds were disturbed", |file| busy(file, 6));
        lacks("7 of 12 rounds were disturbed", |file| busy(file, 7));
        lacks("7 of 12 rounds were disturbed", |file| {
            busy(file, 6);
            file.rounds[9].void = Some("the canary copy took 9.0 % longer".to_owned());
        });
        // A card at its limit of power is how it runs under load.
        notes("held down", |file| {
            file.rounds.iter_mut().for_each(|round| round.state.gpus[0].throttle = vec!["power-cap".to_owned()]);
        });
    }

    #[test]
    fn cells_that_are_not_known() {
        lacks("no cell has a time", |file| file.launches.clear());
        lacks("2 of 2 cells have fewer than 5 launches", |file| file.launches.truncate(8));
        lacks("no target is left", |file| {
            (file.run.targets, file.launches, file.checks) = (Vec::new(), Vec::new(), Vec::new());
        });
        let noisy = |file: &mut ResultsFile, share: f64| {
            for (at, launch) in file.launches.iter_mut().enumerate() {
                let factor = if (at / 2) % 2 == 0 && at % 2 == 0 { 1.0 + share } else { 1.0 };
                let samples = launch.samples.as_mut().unwrap();
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive time")]
                samples.block_ns.iter_mut().for_each(|ns| *ns = (*ns as f64 * factor) as u64);
            }
            file.run.settings.precision = Some(0.01);
        };
        notes("1 of 2 cells are known less well than was asked for", |file| noisy(file, 0.1));
        lacks("the noise is too high", |file| noisy(file, 2.0));
    }
}
