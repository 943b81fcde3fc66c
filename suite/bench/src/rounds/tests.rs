//! Rounds with instruments that say what they are told: what becomes of disturbed rounds, of interrupted ones, and of budgets.

use super::*;
use crate::canary::Times;
use crate::program::Program;
use crate::targets::Setup;
use crate::worker_process::Hello;
use chipmark_core::{Execution, Mode};
use chipmark_results::cells::cells;
use chipmark_results::fixture::{self, CANDLE, MATMUL, SOFTMAX, TCH};
use chipmark_results::machine::MachineState;
use chipmark_results::record::{Flag, Run};
use chipmark_results::store;
use std::path::Path;

/// How long the canaries take around a round, in ns: before it and after it.
type Songs = fn(u32) -> [u64; 2];

const CALM: Songs = |_| [1000, 1000];

/// Instruments that do as they are told, and write down what they were asked for.
struct Fake {
    songs: Songs,
    /// What comes of a launch.
    outcome: fn(&Cell, u32) -> Outcome,
    /// After so many launches Ctrl-C is pressed.
    launches: usize,
    /// The round that is going on, by the canaries: they sing twice a round.
    sung: u32,
    /// What happened, in its order.
    events: Vec<String>,
}

impl Default for Fake {
    fn default() -> Self {
        Fake { songs: CALM, outcome: |_, _| Outcome::Ok, launches: usize::MAX, sung: 0, events: Vec::new() }
    }
}

impl Instruments for Fake {
    fn launch(&mut self, cell: &Cell, round: u32, order: u32, _: &mut Writer) -> Result<Option<Launch>> {
        let Some(left) = self.launches.checked_sub(1) else { return Ok(None) };
        self.launches = left;
        self.events.push("launch".to_owned());
        let launch = match (self.outcome)(cell, round) {
            Outcome::Ok => fixture::measured(cell.clone(), round, fixture::samples(cell.mode, &[1000, 1000, 1000])),
            outcome => fixture::not_measured(cell.clone(), round, outcome, "as it was told"),
        };
        Ok(Some(Launch { order, ..launch }))
    }

    fn end_workers(&mut self) {
        self.events.push("end".to_owned());
    }

    fn sing(&mut self) -> Times {
        let side = self.sung % 2;
        let ns = (self.songs)(self.sung / 2)[side as usize];
        self.sung += 1;
        self.events.push("sing".to_owned());
        Times::of(ns)
    }

    fn state(&mut self) -> MachineState {
        self.events.push("state".to_owned());
        MachineState::default()
    }
}

/// A run of two cases on two targets that verdicts may be drawn from, of so many rounds.
fn run(rounds: u32) -> Run {
    let mut run = fixture::run();
    run.cases.truncate(2);
    run.cases.iter_mut().for_each(|case| case.modes = vec![Mode::Latency]);
    run.settings.rounds = rounds;
    run.settings.budget_s = None;
    run
}

pub(crate) fn available(target: &str) -> Available {
    Available {
        target: target.parse().unwrap(),
        program: Program::BuiltIn("synthetic"),
        hello: Hello {
            worker: "synthetic".to_owned(),
            version: String::new(),
            arithmetic: true,
            executions: vec![Execution::Eager],
        },
        setup: Setup::default(),
    }
}

/// Measures what the file has not yet, as a run of this plan; the file is made where there is none.
fn measure(path: &Path, run: &Run, fake: &mut Fake, deadline: Option<Instant>) -> (Ended, ResultsFile) {
    if !path.exists() {
        let mut writer = Writer::create(path, run).unwrap();
        for case in [MATMUL, SOFTMAX] {
            for target in [CANDLE, TCH] {
                writer.append(&Record::Check(fixture::check(case, target))).unwrap();
            }
        }
    }
    let (mut writer, file) = Writer::resume(path).unwrap();
    let targets = [CANDLE, TCH].map(available);
    let plan = Plan { cases: &run.cases, targets: &targets, settings: &run.settings, machine: &run.machine };
    let ended = Rounds::new(plan, fake, &mut writer, (&file, &[]), deadline).run().unwrap();
    drop(writer);
    (ended, store::read(path).unwrap())
}

/// A run from its beginning to its end.
fn whole(run: &Run, mut fake: Fake) -> ResultsFile {
    let folder = tempfile::tempdir().unwrap();
    let (ended, file) = measure(&folder.path().join("r.jsonl"), run, &mut fake, None);
    assert_eq!(ended, Ended::Complete);
    file
}

fn voids_of(file: &ResultsFile) -> Vec<bool> {
    file.rounds.iter().map(|round| round.void.is_some()).collect()
}

#[test]
fn a_disturbed_round_is_void_and_measured_again() {
    let file = whole(&run(5), Fake { songs: |round| [1000, if round == 1 { 1100 } else { 1000 }], ..Fake::default() });
    assert_eq!(voids_of(&file), [false, true, false, false, false, false]);
    let why = file.rounds[1].void.as_deref().unwrap();
    assert!(why.contains("took 10.0 % longer after the round than before it"), "{why}");
    for cell in cells(&file) {
        assert_eq!((cell.outcome, &cell.rounds, cell.flags.len()), (Outcome::Ok, &vec![0, 2, 3, 4, 5], 0), "{cell:?}");
    }
}

#[test]
fn a_round_that_is_slow_throughout_is_void_too() {
    let file =
        whole(&run(6), Fake { songs: |round| if round == 4 { [1100, 1100] } else { [1000, 1000] }, ..Fake::default() });
    assert_eq!(voids_of(&file), [false, false, false, false, true, false, false]);
    assert!(file.rounds[4].void.as_deref().unwrap().contains("than in those before it"));
}

#[test]
fn it_is_measured_again_three_times_at_most_and_then_counts_flagged() {
    let file = whole(&run(5), Fake { songs: |_| [1000, 1100], ..Fake::default() });
    assert_eq!(voids_of(&file), [true, true, true, false, false, false, false, false]);
    let rows = cells(&file);
    assert!(rows.iter().all(|cell| cell.rounds == [3, 4, 5, 6, 7] && cell.flags.contains(&Flag::Disturbed)));
}

#[test]
fn a_machine_that_warms_up_for_good_costs_three_rounds() {
    let file =
        whole(&run(10), Fake { songs: |round| if round < 4 { [1000, 1000] } else { [1100, 1100] }, ..Fake::default() });
    assert_eq!(voids_of(&file)[4..], [true, true, true, false, false, false, false, false, false]);
}

#[test]
fn whoever_gives_verdicts_voids_and_an_indication_does_not() {
    let disturbed = |profile, rounds, precision| {
        let mut run = run(rounds);
        (run.settings.profile, run.settings.precision) = (profile, precision);
        let file = whole(&run, Fake { songs: |round| [1000, if round == 1 { 1100 } else { 1000 }], ..Fake::default() });
        voids_of(&file).contains(&true)
    };
    // The fresh rounds that decide: so many as were planned, without a precision.
    assert!(disturbed(Some(Profile::Standard), 10, None));
    assert!(disturbed(Some(Profile::Publish), 6, Some(1e-9)));
    assert!(disturbed(None, 8, None));
    assert!(!disturbed(Some(Profile::Quick), 8, None));
    assert!(!disturbed(None, 3, None));
}

#[test]
fn what_failed_in_a_void_round_is_tried_again() {
    // It fails in the first round alone, and that round is disturbed.
    let outcome = |cell: &Cell, round| match round {
        0 if cell.case.workload == "softmax" => Outcome::Unsupported,
        _ => Outcome::Ok,
    };
    let songs: Songs = |round| [1000, if round == 0 { 1100 } else { 1000 }];
    let file = whole(&run(5), Fake { songs, outcome, ..Fake::default() });
    assert_eq!(voids_of(&file)[..2], [true, false]);
    assert!(cells(&file).iter().all(|cell| cell.outcome == Outcome::Ok && cell.rounds == [1, 2, 3, 4, 5]));

    // What always fails says so, once in a round that counts.
    let always = |cell: &Cell, _| if cell.case.workload == "softmax" { Outcome::Unsupported } else { Outcome::Ok };
    let file = whole(&run(5), Fake { songs, outcome: always, ..Fake::default() });
    let softmax: Vec<_> = cells(&file).into_iter().filter(|cell| cell.cell.case.workload == "softmax").collect();
    assert!(softmax.iter().all(|cell| cell.outcome == Outcome::Unsupported), "{softmax:?}");
    let tries = file.launches.iter().filter(|launch| launch.outcome == Outcome::Unsupported).count();
    assert_eq!(tries, 2 * 2, "in the void round and in the one after it");
}

#[test]
fn a_resumed_run_forgets_the_failures_of_a_void_round_and_does_not_measure_into_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.jsonl");
    let songs: Songs = |round| [1000, if round == 0 { 1100 } else { 1000 }];
    let outcome = |_: &Cell, round| if round == 0 { Outcome::TimedOut } else { Outcome::Ok };
    // The void round, and a launch of the next.
    let mut first = Fake { songs, outcome, launches: 5, ..Fake::default() };
    assert_eq!(measure(&path, &run(5), &mut first, None).0, Ended::Interrupted);
    let (ended, file) = measure(&path, &run(5), &mut Fake::default(), None);
    assert_eq!(ended, Ended::Complete);
    assert_eq!(file.launches.iter().filter(|launch| launch.round == 0).count(), 4);
    assert!(cells(&file).iter().all(|cell| cell.outcome == Outcome::Ok && cell.rounds == [1, 2, 3, 4, 5]));
}

#[test]
fn a_case_that_was_interrupted_between_its_targets_is_measured_whole() {
    for launches in 0..8 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.jsonl");
        let mut first = Fake { launches, ..Fake::default() };
        assert_eq!(measure(&path, &run(5), &mut first, None).0, Ended::Interrupted);
        let (_, file) = measure(&path, &run(5), &mut Fake::default(), None);
        let [before, after] = file.launches.split_at(launches).into();
        assert_eq!(after.len(), 20 - launches + launches % 2, "{launches}");
        // Each pair lies on one side of the interruption.
        for launch in after {
            let other = |of: &&Launch| {
                of.round == launch.round && of.cell.case == launch.cell.case && of.cell.target != launch.cell.target
            };
            assert!(after.iter().any(|of| other(&of)), "{launches}: {launch:?} beside {before:?}");
        }
        assert!(cells(&file).iter().all(|cell| cell.rounds == [0, 1, 2, 3, 4]));
    }
}

#[test]
fn what_failed_alone_does_not_have_the_others_measured_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.jsonl");
    let outcome = |cell: &Cell, _| if cell.target.to_string() == TCH { Outcome::Unsupported } else { Outcome::Ok };
    let mut first = Fake { outcome, launches: 4 + 2, ..Fake::default() };
    assert_eq!(measure(&path, &run(5), &mut first, None).0, Ended::Interrupted);
    let (_, file) = measure(&path, &run(5), &mut Fake { outcome, ..Fake::default() }, None);
    assert_eq!(file.launches.len(), 2 * 5 + 2, "candle in five rounds, and PyTorch once a case");
}

#[test]
fn the_state_is_read_while_the_workers_are_there_and_the_canaries_sing_when_they_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    let mut fake = Fake::default();
    let _ = measure(&folder.path().join("r.jsonl"), &run(1), &mut fake, None);
    let expected = ["sing", "launch", "launch", "launch", "launch", "state", "end", "sing", "end"];
    assert_eq!(fake.events, expected);
}

#[test]
fn a_time_that_is_up_gives_each_cell_a_row_and_can_be_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.jsonl");
    let mut fake = Fake::default();
    let (ended, file) = measure(&path, &run(5), &mut fake, Some(Instant::now()));
    assert_eq!(ended, Ended::OverBudget);
    assert!(!fake.events.contains(&"launch".to_owned()));
    assert!(cells(&file).iter().all(|cell| cell.outcome == Outcome::OverBudget));
    let (ended, file) = measure(&path, &run(5), &mut Fake::default(), None);
    assert_eq!(ended, Ended::Complete);
    assert!(cells(&file).iter().all(|cell| cell.outcome == Outcome::Ok && cell.rounds.len() == 5));
}

#[test]
fn cells_that_a_void_round_alone_reached_are_over_budget() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.jsonl");
    let mut first = Fake { songs: |_| [1000, 1100], launches: 4, ..Fake::default() };
    assert_eq!(measure(&path, &run(5), &mut first, None).0, Ended::Interrupted);
    let (ended, file) = measure(&path, &run(5), &mut Fake::default(), Some(Instant::now()));
    assert_eq!(ended, Ended::OverBudget);
    assert!(cells(&file).iter().all(|cell| cell.outcome == Outcome::OverBudget), "{:?}", cells(&file));
}
