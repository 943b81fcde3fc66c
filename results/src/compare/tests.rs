//! Tests of comparisons, on runs whose launches are known.

use super::*;
use crate::cells::cells;
use crate::fixture::{self, CANDLE, MATMUL, TCH};
use crate::record::{Flag, MissingTarget, Record};
use crate::store::ResultsFile;
use chipmark_core::{Fill, Mode, Outcome, Target};
use proptest::prelude::*;

/// A time of 1 ms, far above what 2 µs are to a call.
const MS: f64 = 1e6;

fn target(text: &str) -> Target {
    text.parse().unwrap()
}

/// Rounds in which both targets take `ns` and `ns · ratio`, each launch with noise of its own, both with the drift of the round.
fn noisy(rounds: u32, ratio: f64, deviation: f64, seed: u64) -> ResultsFile {
    let mut fill = Fill::new(seed, "noisy");
    let mut noise = || deviation * (12.0f64.sqrt() * (fill.unit() - 0.5));
    let launches: Vec<[f64; 2]> = (0..rounds)
        .map(|round| {
            let drift = 1.0 + 0.05 * f64::from(round) / f64::from(rounds);
            [MS * drift * noise().exp(), MS * ratio * drift * noise().exp()]
        })
        .collect();
    let mut file = fixture::rounds(&launches);
    file.run.run_id = format!("run-{seed}");
    file
}

fn rule(threshold: f64) -> Rule {
    Rule { threshold, ..Rule::default() }
}

fn paired(file: &ResultsFile, threshold: f64) -> Row {
    let comparison = Comparison::of_targets(file, &target(CANDLE), &target(TCH), rule(threshold));
    assert_eq!((comparison.rows.len(), comparison.judged), (1, 1));
    comparison.rows[0].clone()
}

#[test]
fn a_change_beyond_doubt_and_threshold_is_named_in_both_directions() {
    let row = paired(&noisy(20, 1.10, 0.01, 1), 0.05);
    assert_eq!(row.verdict, Verdict::Regressed, "{row:?}");
    assert!((row.ratio.unwrap() - 1.10).abs() < 0.02 && row.p_adjusted.unwrap() < 0.001);
    let row = paired(&noisy(20, 0.90, 0.01, 1), 0.05);
    assert_eq!(row.verdict, Verdict::Improved, "{row:?}");
    assert_eq!(row.cell.target, target(CANDLE), "rows have the first side's name");
}

#[test]
fn small_changes_are_equivalent_and_doubtful_ones_inconclusive() {
    assert_eq!(paired(&noisy(20, 1.02, 0.005, 1), 0.05).verdict, Verdict::Equivalent);
    assert_eq!(paired(&noisy(20, 1.05, 0.01, 1), 0.05).verdict, Verdict::Inconclusive, "proven, but not clear of 5 %");
    let wild = paired(&noisy(8, 1.20, 0.40, 3), 0.05);
    assert_eq!(wild.verdict, Verdict::Inconclusive, "{wild:?}");
}

#[test]
fn more_rounds_than_the_exact_test_takes_are_told_apart_from_too_few() {
    let file = noisy(41, 1.0, 0.01, 1);
    let comparison = Comparison::of_targets(&file, &target(CANDLE), &target(TCH), rule(0.05));
    let row = &comparison.rows[0];
    assert_eq!(row.verdict, Verdict::Inconclusive);
    assert_eq!(row.reason.as_deref(), Some("41 and 41 launches: the exact test takes at most 40"));
}

#[test]
fn three_rounds_give_a_ratio_and_no_verdict() {
    let comparison = Comparison::of_targets(&noisy(3, 1.5, 0.001, 1), &target(CANDLE), &target(TCH), Rule::default());
    assert_eq!(comparison.judged, 0);
    let row = &comparison.rows[0];
    assert_eq!(row.verdict, Verdict::Inconclusive);
    assert!((row.ratio.unwrap() - 1.5).abs() < 0.01 && row.interval.is_none());
    assert_eq!(row.reason.as_deref(), Some("3 and 3 launches: an interval needs five of each"));
}

#[test]
fn pairing_takes_the_drift_out() {
    // Twenty rounds over which the machine becomes a quarter slower; the targets differ by 3 %.
    let launches: Vec<[f64; 2]> =
        (0..20).map(|round| MS * (1.0 + f64::from(round) / 80.0)).map(|ns| [ns, 1.03 * ns]).collect();
    let file = fixture::rounds(&launches);
    assert_eq!(paired(&file, 0.01).verdict, Verdict::Regressed);
    let (a, b) = (Series::of(&cells(&file)[0]), Series::of(&cells(&file)[1]));
    let mut tests = series::Tests::new(1);
    let apart = a.contrast(&b, Pairing::None, &mut tests).unwrap();
    assert!(apart.p > 0.1, "not paired, it is lost in the drift: {apart:?}");
}

#[test]
fn a_microsecond_does_not_matter() {
    let launches: Vec<[f64; 2]> = (0..20).map(|round| [3000.0 + f64::from(round), 4000.0 + f64::from(round)]).collect();
    let row = paired(&fixture::rounds(&launches), 0.05);
    assert!(row.delta.unwrap() > 0.66, "2 µs of 3: {row:?}");
    assert_eq!(row.verdict, Verdict::Equivalent);
}

#[test]
fn files_are_not_paired_and_rounds_that_count_for_nothing_are_not_used() {
    let a = noisy(12, 1.0, 0.005, 1);
    let mut b = noisy(12, 1.0, 0.005, 2);
    let same = Comparison::of_files(&a, &b, Rule::default());
    assert_eq!(same.pairing, Pairing::None);
    assert_eq!(same.counts().into_iter().collect::<Vec<_>>(), [(Verdict::Equivalent, 2)]);

    // Two rounds in which the machine was asleep.
    for launch in b.launches.iter_mut().filter(|launch| launch.round < 2) {
        launch.samples.as_mut().unwrap().block_ns.iter_mut().for_each(|ns| *ns *= 3);
    }
    let spoilt = Comparison::of_files(&a, &b, Rule::default());
    assert_eq!(spoilt.with(Verdict::Inconclusive).count(), 2, "{:?}", spoilt.rows);
    for round in b.rounds.iter_mut().take(2) {
        round.void = Some("asleep".to_owned());
    }
    let saved = Comparison::of_files(&a, &b, Rule::default());
    assert_eq!(saved.with(Verdict::Equivalent).count(), 2);
    assert_eq!(saved.rows[0].b.unwrap().launches, 10);
}

#[test]
fn what_came_to_nothing_has_failed_and_what_is_on_one_side_is_missing() {
    let a = noisy(8, 1.0, 0.005, 1);
    let mut b = noisy(8, 1.0, 0.005, 2);
    for launch in b.launches.iter_mut().filter(|launch| launch.cell.target == target(TCH)) {
        (launch.outcome, launch.samples, launch.reason) = (Outcome::Crashed, None, Some("signal 11".to_owned()));
    }
    let comparison = Comparison::of_files(&a, &b, Rule::default());
    let failed: Vec<&Row> = comparison.with(Verdict::Failed).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].reason.as_deref(), Some("crashed: signal 11"));
    let back = Comparison::of_files(&b, &a, Rule::default());
    assert_eq!(back.rows.len(), 1, "what had no time before is not compared");

    let mut without = noisy(8, 1.0, 0.005, 3);
    without.run.targets.retain(|info| info.target == target(CANDLE));
    without.launches.retain(|launch| launch.cell.target == target(CANDLE));
    assert_eq!(Comparison::of_files(&a, &without, Rule::default()).with(Verdict::Missing).count(), 1);
    let grown = Comparison::of_files(&without, &a, Rule::default());
    let added: Vec<&Row> = grown.with(Verdict::Missing).collect();
    assert!(added.len() == 1 && added[0].a.is_none() && added[0].b.is_some(), "{added:?}");
}

#[test]
fn what_fails_now_and_then_has_failed_and_a_worker_that_is_broken_is_no_gap() {
    let a = noisy(8, 1.0, 0.005, 1);
    let mut b = noisy(8, 1.0, 0.005, 2);
    for launch in b.launches.iter_mut().filter(|launch| launch.cell.target == target(TCH)).take(3) {
        (launch.outcome, launch.samples, launch.reason) = (Outcome::Crashed, None, Some("signal 11".to_owned()));
    }
    let comparison = Comparison::of_files(&a, &b, Rule::default());
    let row = comparison.with(Verdict::Failed).next().unwrap();
    assert_eq!(row.reason.as_deref(), Some("3 of 8 launches: crashed (signal 11)"));
    // It did so before: that is no change.
    assert_eq!(Comparison::of_files(&b, &b.clone(), Rule::default()).with(Verdict::Failed).count(), 0);

    let without = |broken| {
        let mut file = noisy(8, 1.0, 0.005, 3);
        file.run.targets.retain(|info| info.target == target(CANDLE));
        file.launches.retain(|launch| launch.cell.target == target(CANDLE));
        let why = "the worker ended: signal 11".to_owned();
        file.run.missing = vec![MissingTarget { name: "tch".to_owned(), why, remedy: None, broken }];
        Comparison::of_files(&a, &file, Rule::default())
    };
    let broken = without(true);
    let row = broken.with(Verdict::Failed).next().unwrap();
    assert_eq!(row.reason.as_deref(), Some("its worker cannot be used: the worker ended: signal 11"));
    assert_eq!(Gate::default().judge(&broken, ""), GateResult::Failure);
    let gone = without(false);
    let row = gone.with(Verdict::Missing).next().unwrap();
    assert_eq!(row.reason.as_deref(), Some("the worker ended: signal 11"));
}

#[test]
fn other_conditions_are_incomparable_and_other_machines_are_named() {
    let a = noisy(8, 1.0, 0.005, 1);
    let mut b = noisy(8, 1.0, 0.005, 2);
    b.run.targets[0].info.threads = Some(3);
    b.checks.iter_mut().filter(|check| check.target == target(TCH)).for_each(|check| check.tf32 = true);
    // Another name for the same chip is no other machine.
    b.run.machine.chip = "Apple M9".to_owned();
    assert_eq!(Comparison::of_files(&a, &b, Rule::default()).machines, []);
    b.run.machine.chip_detected = None;
    b.run.targets[1].info.version = "3.0".to_owned();
    let comparison = Comparison::of_files(&a, &b, Rule::default());
    let reasons: Vec<_> = comparison.with(Verdict::Incomparable).map(|row| row.reason.clone().unwrap()).collect();
    assert_eq!(reasons, ["threads: 8 and 3", "one is f32, the other TF32"]);
    assert_eq!(
        comparison.machines.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["chip: Apple M3 and Apple M9"]
    );
    assert!(
        comparison.differences.iter().any(|difference| difference.b == "PyTorch 3.0"),
        "{:?}",
        comparison.differences
    );
    assert_eq!((comparison.judged, comparison.summaries.len()), (0, 0));
}

#[test]
fn what_outlasts_a_launch_raises_the_floor() {
    let series = |jump: f64, seed| {
        let mut fill = Fill::new(seed, "floor");
        let mut half = |level: f64| (0..8).map(|_| level + 0.01 * (fill.unit() - 0.5)).collect::<Vec<_>>();
        [half(0.0), half(jump)].concat()
    };
    let cells: Vec<Vec<f64>> = (0..40).map(|seed| series(0.0, seed)).collect();
    assert!(floor(&cells) < 0.001, "{}", floor(&cells));
    // Half the cells a little faster in the second half of the run, half a little slower: 3 % each.
    let cells: Vec<Vec<f64>> = (0..40).map(|seed| series(if seed % 2 == 0 { 0.03 } else { -0.03 }, seed)).collect();
    let found = floor(&cells);
    assert!((0.02..0.06).contains(&found), "{found}");
    assert_eq!(floor(&cells[..3]), 0.0, "three cells tell nothing");
    assert_eq!(floor(&vec![vec![1.0, 2.0]; 9]), 0.0, "nor do two launches");
}

#[test]
fn fresh_rounds_decide_on_candidates_alone() {
    let (a, b) = (target(CANDLE), target(TCH));
    let pilot = Comparison::of_targets(&noisy(10, 1.0, 0.002, 1), &a, &b, rule(0.01));
    let fresh = pilot.fresh(0.02);
    assert_eq!((fresh.cells.len(), fresh.rounds), (0, 10));
    let quiet = pilot.decided_by(None, 0.02);
    let spent = Stages { detect: 0.02, pilot_rounds: 10, candidates: 0, fresh_rounds: 0, short: 0 };
    assert_eq!(quiet.stages, Some(spent));
    assert_eq!(quiet.rows[0].verdict, Verdict::Equivalent);

    let pilot = Comparison::of_targets(&noisy(10, 1.03, 0.02, 1), &a, &b, rule(0.001));
    let fresh = pilot.fresh(0.02);
    assert_eq!(fresh.cells.len(), 1);
    assert!((20..=40).contains(&fresh.rounds), "{fresh:?}");
    let decision = Comparison::of_targets(&noisy(fresh.rounds, 1.03, 0.02, 2), &a, &b, rule(0.001));
    let decided = pilot.clone().decided_by(Some(decision), 0.02);
    assert_eq!(decided.rows[0].verdict, Verdict::Regressed, "{:?}", decided.rows);
    assert_eq!(decided.rows[0].a.unwrap().launches, fresh.rounds as usize, "of the fresh rounds alone");
    assert_eq!(decided.stages.unwrap().fresh_rounds, fresh.rounds as usize);
    assert_eq!(decided.summaries[0].ratio, decided.rows[0].ratio.unwrap(), "of the rows that are shown");

    // A budget that ends early: what was spent is told, and not what was planned.
    let short = Comparison::of_targets(&noisy(6, 1.03, 0.02, 2), &a, &b, rule(0.001));
    assert_eq!(pilot.clone().decided_by(Some(short), 0.02).stages.unwrap().fresh_rounds, 6);
    let undecided = pilot.decided_by(None, 0.02);
    assert_eq!(undecided.rows[0].verdict, Verdict::Inconclusive);
    assert_eq!(Gate::default().judge(&undecided, ""), GateResult::Inconclusive, "it may be slower, and nobody knows");
}

#[test]
fn what_is_set_aside_is_not_called_equivalent_unless_it_is() {
    let (a, b) = (target(CANDLE), target(TCH));
    // Some 6 %, known to 3 %: not clear of 5 %, and no change of 12 %.
    let pilot = Comparison::of_targets(&noisy(12, 1.06, 0.03, 4), &a, &b, rule(0.05));
    let interval = pilot.rows[0].interval.unwrap();
    assert!(interval.low < 1.05 && interval.high > 1.05 && interval.high < 1.12, "{interval:?}");
    assert_eq!(pilot.fresh(0.12).cells.len(), 0);
    let decided = pilot.decided_by(None, 0.12);
    let row = &decided.rows[0];
    assert_eq!((row.verdict, row.set_aside), (Verdict::Inconclusive, true));
    assert_eq!(row.reason.as_deref(), Some("the first rounds leave no room for a change of 12.0 %"));
    assert_eq!(Gate::coverage(&decided), Some(1.0), "what was asked has been answered");
    assert_eq!(Gate { min_coverage: 1.0, ..Gate::default() }.judge(&decided, ""), GateResult::Pass);
}

#[test]
fn a_call_of_microseconds_is_no_candidate_for_a_change_that_does_not_matter() {
    // 4 µs, of which 2 µs do not matter: 12 % more is nothing to look at again.
    let mut file = noisy(10, 1.12, 0.002, 1);
    for launch in &mut file.launches {
        launch.samples.as_mut().unwrap().calls *= 250;
    }
    let pilot = Comparison::of_targets(&file, &target(CANDLE), &target(TCH), rule(0.05));
    assert!(pilot.rows[0].delta.unwrap() > 0.4, "{:?}", pilot.rows[0]);
    assert_eq!(pilot.rows[0].verdict, Verdict::Equivalent);
    assert_eq!(pilot.fresh(0.10).cells.len(), 0);
}

#[test]
fn the_decision_keeps_the_pilot_s_noise_floor() {
    let (a, b) = (target(CANDLE), target(TCH));
    let mut pilot = Comparison::of_targets(&noisy(20, 1.08, 0.01, 1), &a, &b, rule(0.05));
    pilot.floors = vec![(a.clone(), 0.04)];
    let decision = Comparison::of_targets(&noisy(20, 1.08, 0.01, 2), &a, &b, rule(0.05));
    assert_eq!(decision.rows[0].verdict, Verdict::Regressed, "without a floor");
    let decided = pilot.decided_by(Some(decision), 0.06);
    assert!((decided.rows[0].delta.unwrap() - 0.125).abs() < 0.001, "three times 4 %: {:?}", decided.rows);
    assert_ne!(decided.rows[0].verdict, Verdict::Regressed);
}

#[test]
fn a_baseline_s_launches_count_for_every_cell_that_was_held_against_them() {
    let baseline = noisy(20, 1.0, 0.01, 1);
    let pilot = Comparison::of_files(&baseline, &noisy(20, 1.05, 0.01, 2), rule(0.01));
    assert_eq!(pilot.judged, 2);
    let fresh = pilot.fresh(0.03);
    assert_eq!(fresh.cells.len(), 1, "{:?}", pilot.rows);
    let decision = Comparison::of_files(&baseline, &noisy(fresh.rounds, 1.05, 0.01, 3), rule(0.01));
    let decided = pilot.decided_by(Some(decision), 0.03);
    let row = decided.rows.iter().find(|row| row.cell == fresh.cells[0]).unwrap();
    assert!((row.p_adjusted.unwrap() / row.p.unwrap() - 2.0).abs() < 1e-9, "{row:?}");
}

#[test]
fn a_baseline_of_few_launches_says_that_more_rounds_do_not_help() {
    let fresh = |launches: u32| {
        let pilot = Comparison::of_files(&noisy(launches, 1.0, 0.02, 1), &noisy(20, 1.04, 0.02, 2), rule(0.01));
        pilot.fresh(0.02)
    };
    let (few, many) = (fresh(5), fresh(40));
    assert!(few.short > 0 && few.rounds == 40, "{few:?}");
    assert!(many.short <= few.short && many.rounds <= few.rounds, "{many:?}");
}

#[test]
fn the_gate_weighs_failures_regressions_and_coverage_and_knows_waivers() {
    let gate = |text: &str, min_coverage| Gate { min_coverage, waivers: toml::from_str::<Waivers>(text).unwrap() };
    let a = noisy(20, 1.0, 0.005, 1);
    let mut slower = noisy(20, 1.2, 0.005, 2);
    let regressed = Comparison::of_files(&a, &slower, Rule::default());
    assert_eq!(regressed.with(Verdict::Regressed).count(), 1, "{:?}", regressed.rows);
    assert_eq!(gate("", 0.5).judge(&regressed, "2026-03-01"), GateResult::Regression);
    let waiver = r#"waiver = [{ case = "matmul/*", target = "tch:*", why = "new sums", until = "2026-03-01" }]"#;
    assert_eq!(gate(waiver, 0.5).judge(&regressed, "2026-03-01"), GateResult::Pass);
    assert_eq!(gate(waiver, 0.5).judge(&regressed, "2026-03-02"), GateResult::Regression, "it has run out");
    let other = r#"waiver = [{ case = "softmax/*", why = "x" }]"#;
    assert_eq!(gate(other, 0.5).judge(&regressed, "2026-03-01"), GateResult::Regression);
    assert_eq!(gate(other, 0.5).waivers.unused(&regressed.rows).len(), 1);

    slower.launches.iter_mut().filter(|launch| launch.cell.target == target(CANDLE)).for_each(|launch| {
        (launch.outcome, launch.samples) = (Outcome::TimedOut, None);
    });
    let failed = Comparison::of_files(&a, &slower, Rule::default());
    assert_eq!(gate("", 0.0).judge(&failed, "2026-03-01"), GateResult::Failure);

    let few = Comparison::of_files(&noisy(3, 1.0, 0.001, 1), &noisy(3, 1.0, 0.001, 2), Rule::default());
    assert_eq!((Gate::coverage(&few), gate("", 0.5).judge(&few, "")), (Some(0.0), GateResult::Inconclusive));
    assert_eq!(gate("", 0.0).judge(&few, ""), GateResult::Pass, "whoever asks for nothing gets it");
}

#[test]
fn bad_waivers_are_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("waivers.toml");
    let refused = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let why = Waivers::read(&path).unwrap_err();
        assert!(!why.contains('\n') && why.contains("waivers.toml"), "{why}");
        why
    };
    assert!(refused("[[waiver]]\ncase = 'a'\nwhy = ' '").contains("says no reason"));
    assert!(refused("[[waiver]]\ncase = 'a'\nwhy = 'x'\nuntil = 'soon'").contains("YYYY-MM-DD"));
    assert!(refused("[[waiver]]\ncase = '{'\nwhy = 'x'").contains("is not a pattern"));
    assert!(
        refused("[[waiver]]\ncase = 'a'\nwhy = 'x'\nfor = 'x'").contains("line 4: unknown field"),
        "{}",
        refused("[[waiver]]\ncase = 'a'\nwhy = 'x'\nfor = 'x'")
    );
    assert!(Waivers::read(&folder.path().join("none.toml")).unwrap_err().contains("cannot read"));
}

#[test]
fn a_precision_that_is_not_reached_is_flagged() {
    let mut file = noisy(8, 1.5, 0.05, 1);
    assert!(cells(&file).iter().all(|cell| !cell.flags.contains(&Flag::Unconverged)), "none was asked for");
    file.run.settings.precision = Some(0.01);
    let rows = cells(&file);
    let flagged: Vec<bool> = rows.iter().map(|cell| cell.flags.contains(&Flag::Unconverged)).collect();
    assert_eq!(flagged, [false, true], "the fastest is what the other is held against");
    assert!(rows[1].ratio_half_width.unwrap() > 0.01);
    file.run.settings.precision = Some(0.2);
    assert!(cells(&file).iter().all(|cell| !cell.flags.contains(&Flag::Unconverged)));
}

#[test]
fn a_disturbed_round_that_counts_is_flagged() {
    let mut file = noisy(8, 1.5, 0.01, 1);
    file.rounds[3].canaries[0].after_ns = vec![1100; 9];
    assert!(cells(&file).iter().all(|cell| cell.flags.contains(&Flag::Disturbed)));
    file.rounds[3].void = Some("10 % longer".to_owned());
    let rows = cells(&file);
    assert!(rows.iter().all(|cell| cell.flags.is_empty()));
    assert!(rows.iter().all(|cell| cell.rounds == [0, 1, 2, 4, 5, 6, 7]));
}

#[test]
fn a_row_of_a_stored_comparison_names_its_cell() {
    let file = noisy(8, 1.0, 0.01, 1);
    let comparison = Comparison::of_targets(&file, &target(CANDLE), &target(TCH), Rule::default());
    let json = serde_json::to_value(&comparison).unwrap();
    assert_eq!(json["rows"][0]["case"], MATMUL);
    assert_eq!(json["rows"][0]["mode"], Mode::Latency.name());
    assert_eq!(json["pairing"], "rounds");
    let _ = serde_json::to_string(&Record::Round(fixture::calm(0))).unwrap();
}

proptest! {
    /// Whichever side comes first, the same is found the other way round.
    #[test]
    fn the_sides_can_change_places(ratio in 0.7f64..1.4, deviation in 0.001f64..0.05, seed in 0u64..1000) {
        let file = noisy(12, ratio, deviation, seed);
        let there = Comparison::of_targets(&file, &target(CANDLE), &target(TCH), Rule::default()).rows[0].clone();
        let back = Comparison::of_targets(&file, &target(TCH), &target(CANDLE), Rule::default()).rows[0].clone();
        prop_assert!((there.ratio.unwrap() * back.ratio.unwrap() - 1.0).abs() < 1e-9);
        prop_assert!((there.p.unwrap() - back.p.unwrap()).abs() < 1e-12);
        if there.verdict == Verdict::Regressed {
            prop_assert_ne!(back.verdict, Verdict::Regressed);
        }
    }

    #[test]
    fn an_interval_holds_its_ratio(ratio in 0.5f64..2.0, seed in 0u64..1000) {
        let row = paired(&noisy(9, ratio, 0.03, seed), 0.05);
        let (interval, ratio) = (row.interval.unwrap(), row.ratio.unwrap());
        prop_assert!(interval.low <= ratio && ratio <= interval.high);
    }
}
