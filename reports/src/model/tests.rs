//! The model against the fixture run: groups, counts, footnotes, notices, and hostile text made clean.

use super::*;
use chipmark_core::Outcome;
use chipmark_results::fixture;
use chipmark_results::record::{End, Record};

fn cell<'a>(run: &'a RunReport, case: &str, mode: Mode, target: usize) -> &'a CellView {
    let group = run.modes.iter().find(|group| group.mode == mode).unwrap();
    let row = group.workloads.iter().flat_map(|w| &w.cases).find(|row| row.case.to_string() == case).unwrap();
    &row.cells[target]
}

#[test]
fn cells_stand_by_mode_workload_and_case_in_the_plans_order() {
    let report = Report::new(&[fixture::file()]);
    let run = &report.runs[0];
    let modes: Vec<Mode> = run.modes.iter().map(|group| group.mode).collect();
    assert_eq!(modes, Mode::ALL);
    let workloads: Vec<&str> = run.modes[0].workloads.iter().map(|w| w.workload.as_str()).collect();
    assert_eq!(workloads, ["matmul", "softmax", "conv2d", "linear"]);
    assert_eq!((run.timed, run.planned), (10, 14));
    assert_eq!(run.file, "run.jsonl");
}

#[test]
fn the_fastest_of_several_is_marked_and_gives_the_rate() {
    let report = Report::new(&[fixture::file()]);
    let run = &report.runs[0];
    assert!(cell(run, fixture::MATMUL, Mode::Latency, 0).fastest);
    assert!(!cell(run, fixture::MATMUL, Mode::Latency, 1).fastest);
    let rows = &run.modes[0].workloads;
    assert_eq!(rows[0].cases[0].best, Some(Rate::Gflops(2_000_000.0 / 1010.0)));
    assert_eq!(rows[1].cases[0].best, Some(Rate::Gbps(40_000.0 / 2020.0)), "softmax moves more than it computes");
    assert_eq!((rows[2].cases[0].fastest, rows[2].cases[0].best), (None, None));

    // Alone, a target is not the fastest of anything.
    let mut file = fixture::file();
    file.launches.retain(|launch| launch.cell.target.to_string() == fixture::CANDLE);
    assert!(!cell(&Report::new(&[file]).runs[0], fixture::MATMUL, Mode::Latency, 0).fastest);
}

#[test]
fn reasons_become_footnotes_each_once() {
    let report = Report::new(&[fixture::file()]);
    let run = &report.runs[0];
    assert_eq!(
        run.footnotes,
        [
            "1 of 3 launches: crashed (the worker was killed by signal 11 (SIGSEGV))",
            "unsupported: conv2d: this backend has no convolutions",
            "wrong: element 17 of output 0 is 2 instead of 1",
            "over-budget: the run ended before it: the budget of 60 s is spent",
        ]
    );
    assert_eq!(cell(run, fixture::SOFTMAX, Mode::Latency, 1).footnotes, [0]);
    let both = [0, 1].map(|target| cell(run, fixture::LINEAR, Mode::Latency, target).footnotes.clone());
    assert_eq!(both, [[3], [3]]);
}

#[test]
fn what_disturbs_is_noticed() {
    let mut file = fixture::file();
    let said = |file: &ResultsFile| Report::new(std::slice::from_ref(file)).runs[0].notices.join("\n");
    let whole = said(&file);
    for notice in [
        "3 launches a cell: an indication, no verdict",
        "the run is not complete: the budget of 60 s is spent",
        "the chip was given as Apple M3 Max; what was detected is Apple M3",
        "when it started: indexer takes 35% of a core",
    ] {
        assert!(whole.contains(notice), "{notice} is not in:\n{whole}");
    }

    file.run.settings.rounds = chipmark_results::notices::LAUNCHES_FOR_A_VERDICT;
    file.ends = vec![End { complete: true, reason: None, state: fixture::calm(0).state, ..fixture::end() }];
    file.run.machine.chip_detected = None;
    file.run.state.heavy_processes.clear();
    file.run.state.gpus.clear();
    assert_eq!(said(&file), "", "a quiet machine and a whole run need no notice");

    file.run.settings.rounds = 1;
    file.ends.clear();
    file.torn_tail = true;
    file.run.machine.hypervisor = Some("KVM".to_owned());
    file.run.machine.translated = true;
    file.run.state.power_source = Some("battery".to_owned());
    file.run.state.low_power_mode = Some(true);
    file.run.state.thermal = Some("serious".to_owned());
    file.run.state.load_1m = Some(9.0);
    assert_eq!(
        said(&file).lines().collect::<Vec<_>>(),
        [
            "1 launch a cell: an indication, no verdict",
            "the run did not end by itself: it was killed, or is still going on",
            "the last record of the file was cut off and is left out",
            "when it started: this program is translated, as by Rosetta or QEMU",
            "when it started: the machine runs on battery",
            "when it started: a low-power mode is on",
            "when it started: the machine is warm (thermal state: serious)",
            "when it started: the load average is 9.0 on 16 cores",
            "when it started: this is a virtual machine (KVM)",
        ]
    );
}

#[test]
fn what_disturbed_the_machine_from_start_to_end_stands_apart_too() {
    let mut file = fixture::file();
    file.rounds = vec![fixture::calm(0), fixture::calm(1)];
    file.rounds[0].void = Some("the canary\u{1b}[31m copy took longer".to_owned());
    file.rounds[1].state.power_source = Some("battery".to_owned());
    file.ends[0].state.gpus.clear();
    file.ends[0].state.low_power_mode = Some(true);
    let report = Report::new(&[file]);
    let run = &report.runs[0];
    assert_eq!(
        run.disturbances,
        [
            "when it started: the clocks of Apple M3 Max GPU are held down (thermal)",
            "when it started: indexer takes 35% of a core",
            "1 round was disturbed and counts for nothing: the canary [31m copy took longer",
            "after 1 of 1 rounds: the machine runs on battery",
            "when it ended: a low-power mode is on",
        ]
    );
    assert!(run.notices.ends_with(&run.disturbances));
}

#[test]
fn the_vendors_figures_have_their_sources() {
    let report = Report::new(&[fixture::file()]);
    let json = serde_json::to_value(&report.runs[0].vendor).unwrap();
    assert_eq!((&json[0]["chip"], &json[0]["rate"]), (&"Apple M3 Max, 40-core GPU".into(), &400.0.into()));
    assert!(json[0]["source"]["title"].as_str().unwrap().contains("MacBook Pro"), "{json}");
    let mut unknown = fixture::file();
    (unknown.run.machine.chip, unknown.run.machine.chip_detected) = ("none".to_owned(), None);
    unknown.run.machine.gpus.clear();
    assert_eq!(Report::new(&[unknown]).runs[0].vendor, []);
}

#[test]
fn the_command_is_ready_for_a_shell_and_has_the_seed() {
    let mut file = fixture::file();
    let said = |file: &ResultsFile| Report::new(std::slice::from_ref(file)).runs[0].command_line.clone();
    assert_eq!(said(&file), "bench run --suite quick --case '*/f32' --seed 7");
    file.run.command = ["run", "--seed=7", "$(rm -r .)"].map(str::to_owned).to_vec();
    assert_eq!(said(&file), "bench run '--seed=7' '$(rm -r .)'");
}

#[test]
fn hostile_text_is_cleaned_wherever_it_stands() {
    let mut file = fixture::file();
    let nasty = format!("\u{1b}]0;x\u{7}\u{202e}{}", "y".repeat(10_000));
    let run = &mut file.run;
    for text in [&mut run.run_id, &mut run.suite, &mut run.machine.chip, &mut run.machine.os] {
        *text = nasty.clone();
    }
    run.targets[0].info.build.insert(nasty.clone(), nasty.clone());
    run.targets[0].info.framework = nasty.clone();
    run.missing[0].why = nasty.clone();
    run.command.push(nasty.clone());
    for check in &mut file.checks {
        check.reason = Some(nasty.clone());
        check.paths = vec![OpPath::Composed { op: nasty.clone(), how: nasty.clone() }];
    }
    file.ends[0].reason = Some(nasty.clone());
    file.path = nasty.clone().into();
    let report = Report::new(&[file]);
    let shown = serde_json::to_string(&report).unwrap();
    assert!(!shown.contains("\\u001b") && !shown.contains('\u{202e}') && !shown.contains("\\u0007"));
    assert!(!shown.contains(&"y".repeat(crate::text::MAX_CHARS + 1)));
    assert!(shown.contains(&"y".repeat(100)), "what is harmless of it is still shown");
}

#[test]
fn several_files_are_several_runs_and_a_header_alone_is_one() {
    let empty = fixture::file_of(fixture::run(), Vec::<Record>::new());
    let report = Report::new(&[fixture::file(), empty]);
    assert_eq!(report.runs.len(), 2);
    assert_eq!((report.runs[1].timed, report.runs[1].planned), (0, 14));
    let first = cell(&report.runs[1], fixture::MATMUL, Mode::Latency, 0);
    assert_eq!(first.result.outcome, Outcome::OverBudget);
    assert_eq!(Report::new(&[]).runs.len(), 0);
}
