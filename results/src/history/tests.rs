//! From results files to shifts, and to those that are blessed.

use super::*;
use crate::contribution::Contribution;
use crate::fixture;
use crate::record::Run;
use crate::store::ResultsFile;
use chipmark_core::Mode;
use std::path::PathBuf;

/// A run of the fixture with its times stretched, as the n-th of a folder.
fn run(n: usize, stretch: f64) -> ResultsFile {
    let mut file = fixture::file();
    file.path = PathBuf::from(format!("{n}.jsonl"));
    file.run.run_id = format!("run-{n:02}");
    file.run.started_at = format!("2026-01-{:02}T00:00:00Z", n + 1);
    // The scatter from run to run, so that levels have one: three, by turns.
    let stretch = stretch * [1.0, 1.003, 0.998][n % 3];
    for samples in file.launches.iter_mut().filter_map(|launch| launch.samples.as_mut()) {
        for list in [&mut samples.block_ns, &mut samples.block4_ns, &mut samples.submit4_ns] {
            list.iter_mut().for_each(|ns| *ns = (*ns as f64 * stretch) as u64);
        }
    }
    file
}

fn history(files: &[ResultsFile], blessings: &Blessings) -> History {
    let mut collected = Collected::default();
    files.iter().for_each(|file| collected.add(file).unwrap());
    assert_eq!(collected.runs(), files.len());
    History::of(collected.series(), 0.03, blessings)
}

/// Twenty runs that took a tenth longer from the twelfth on.
fn slowed() -> Vec<ResultsFile> {
    (0..20).map(|n| run(n, if n < 12 { 1.0 } else { 1.1 })).collect()
}

#[test]
fn a_cell_that_became_slower_is_found_and_can_be_blessed() {
    let files = slowed();
    let found = history(&files, &Blessings::default());
    assert!(found.is_slower());
    let judged = found.series.iter().find(|judged| !judged.shifts.is_empty()).unwrap();
    let shift = &judged.shifts[0];
    assert_eq!((shift.at, shift.before.points, shift.after.points), (12, 12, 8));
    assert!((shift.ratio - 1.1).abs() < 0.01 && shift.is_slower(), "{shift:?}");
    let (before, first) = judged.around(shift).unwrap();
    assert_eq!((before.run_id.as_str(), first.run_id.as_str()), ("run-11", "run-12"));

    let cell = &judged.series.cell;
    assert_eq!(found.find(cell, "run-12").unwrap().1, shift);
    let why = found.find(cell, "run-03").unwrap_err();
    assert!(why.contains("the nearest, slower by") && why.contains("run-12"), "{why}");

    let bless = |judged: &Judged| Blessing {
        date: "2026-02-01".to_owned(),
        case: judged.series.cell.case.clone(),
        target: judged.series.cell.target.clone(),
        mode: judged.series.cell.mode,
        run: "run-12".to_owned(),
        why: "a safer kernel".to_owned(),
    };
    let shifted = found.series.iter().filter(|judged| !judged.shifts.is_empty());
    let blessed = history(&files, &Blessings { list: shifted.map(bless).collect() });
    assert!(!blessed.is_slower());
    let judged = blessed.series.iter().find(|other| other.series.cell == *cell).unwrap();
    assert_eq!(judged.shifts[0].blessed.as_ref().map(|it| it.why.as_str()), Some("a safer kernel"));
}

#[test]
fn the_order_of_the_files_does_not_matter_and_a_copy_is_refused() {
    let mut files = slowed();
    let found = history(&files, &Blessings::default());
    files.reverse();
    assert_eq!(history(&files, &Blessings::default()), found);
    let mut collected = Collected::default();
    collected.add(&files[0]).unwrap();
    let mut copy = files[0].clone();
    copy.path = PathBuf::from("copy.jsonl");
    let why = collected.add(&copy).unwrap_err();
    assert!(why.contains("copy.jsonl") && why.contains("19.jsonl"), "{why}");
}

#[test]
fn other_conditions_are_another_series() {
    let apart = |change: fn(&mut Run)| {
        let mut files = slowed();
        files.iter_mut().skip(12).for_each(|file| change(&mut file.run));
        let found = history(&files, &Blessings::default());
        let cells: std::collections::HashSet<_> = found.series.iter().map(|judged| &judged.series.cell).collect();
        (found.is_slower(), found.series.len() / cells.len())
    };
    assert_eq!(apart(|run| run.machine.chip_detected = Some("another".to_owned())), (false, 2));
    assert_eq!(apart(|run| run.settings.inputs = chipmark_core::Inputs::Cold), (false, 2));
    let threads = |run: &mut Run| run.targets.iter_mut().for_each(|info| info.info.threads = Some(1));
    assert_eq!(apart(threads), (false, 2));
    // Another's machine, though it is alike.
    let contributed = |run: &mut Run| {
        run.contribution = Some(Contribution { machine_id: "a".repeat(32), contributor: None });
    };
    assert_eq!(apart(contributed), (false, 2));
    // The version is what a shift may come from, and no condition.
    assert_eq!(apart(|run| run.targets[0].info.version = "9".to_owned()), (true, 1));
}

#[test]
fn the_fresh_rounds_of_a_decision_are_left_out() {
    let mut file = run(0, 1.0);
    file.run.stage = Some(crate::record::Stage::Decision);
    let mut collected = Collected::default();
    let why = collected.add(&file).unwrap_err();
    assert!(why.starts_with("0.jsonl: the fresh rounds of a decision"), "{why}");
    assert_eq!((collected.runs(), collected.series()), (0, Vec::new()));
}

#[test]
fn what_is_left_out_by_name_is_not_counted() {
    let mut found = history(&slowed(), &Blessings::default());
    let (series, points, short) = found.counts();
    assert!(series > 1 && points == 20 * series && short == 0, "{series} {points} {short}");
    found.retain(|cell| cell.mode == Mode::FirstCall);
    assert!(found.series.iter().all(|judged| judged.series.cell.mode == Mode::FirstCall));
    assert!(found.counts().0 < series);
}
