//! Each planned cell has one row, and it says what the records say.

use super::*;
use crate::fixture::{self, CANDLE, CONV, LINEAR, MATMUL, SOFTMAX, TCH};
use crate::record::Record;

fn row<'a>(rows: &'a [CellResult], case: &str, target: &str, mode: Mode) -> &'a CellResult {
    let cell = fixture::cell(case, target, mode);
    rows.iter().find(|row| row.cell == cell).unwrap()
}

#[test]
fn every_planned_cell_has_one_row_in_the_plans_order() {
    let rows = cells(&fixture::file());
    let found: Vec<String> = rows.iter().map(|row| row.cell.to_string()).collect();
    let mut planned = Vec::new();
    for mode in Mode::ALL {
        planned.extend([CANDLE, TCH].map(|target| fixture::cell(MATMUL, target, mode).to_string()));
    }
    for case in [SOFTMAX, CONV, LINEAR] {
        planned.extend([CANDLE, TCH].map(|target| fixture::cell(case, target, Mode::Latency).to_string()));
    }
    assert_eq!(found, planned);
}

#[test]
fn an_ok_cell_has_time_rates_check_and_rank() {
    let rows = cells(&fixture::file());
    let first = row(&rows, MATMUL, CANDLE, Mode::Latency);
    let estimate = first.estimate.as_ref().unwrap();
    assert_eq!((first.outcome, &first.reason, &first.note), (Outcome::Ok, &None, &None));
    assert_eq!(estimate.launch_medians_ns, [1000.0, 1010.0, 1020.0]);
    assert_eq!(estimate.half_range(), Some(10.0 / 1010.0));
    assert_eq!(first.gflops, Some(2_000_000.0 / 1010.0));
    assert_eq!(first.gbps, Some(60_000.0 / 1010.0));
    assert_eq!(first.ratio_to_fastest, Some(1.0));
    assert_eq!(first.bare_finish_ns, Some(100.0));
    let check = first.check.as_ref().unwrap();
    assert_eq!((check.error, check.bound, check.against), (1e-7, 2e-6, Against::Reference));
    assert!(!first.is_composed());

    let second = row(&rows, MATMUL, TCH, Mode::Latency);
    assert_eq!(second.ratio_to_fastest, Some(2.0));
}

#[test]
fn a_bare_finish_is_the_launch_s_own_where_it_measured_one() {
    let mut file = fixture::file();
    for samples in file.launches.iter_mut().filter_map(|launch| launch.samples.as_mut()) {
        samples.bare_finish_ns = vec![300, 500, 400];
    }
    assert_eq!(row(&cells(&file), MATMUL, CANDLE, Mode::Latency).bare_finish_ns, Some(400.0));
    for launch in file.launches.iter_mut().filter(|launch| launch.round > 0) {
        launch.samples.iter_mut().for_each(|samples| samples.bare_finish_ns.clear());
    }
    // Two of three workers tell 100.
    assert_eq!(row(&cells(&file), MATMUL, CANDLE, Mode::Latency).bare_finish_ns, Some(100.0));
}

#[test]
fn what_is_tf32_in_error_is_flagged_and_not_ranked() {
    let mut file = fixture::file();
    for check in file.checks.iter_mut().filter(|check| check.target.to_string() == CANDLE) {
        check.tf32 = true;
    }
    let rows = cells(&file);
    let lesser = row(&rows, MATMUL, CANDLE, Mode::Latency);
    assert!(lesser.flags.contains(&Flag::Tf32) && lesser.estimate.is_some());
    assert_eq!(lesser.ratio_to_fastest, None);
    // The other is now the fastest, though it took twice the time.
    assert_eq!(row(&rows, MATMUL, TCH, Mode::Latency).ratio_to_fastest, Some(1.0));
}

#[test]
fn ratio_and_doubt_are_about_the_same_fastest() {
    // One fast launch makes the first the fastest by the mean of logarithms; the second is by the median.
    let mut medians = vec![[1000.0, 990.0]; 8];
    medians[3] = [10.0, 990.0];
    let rows = cells(&fixture::rounds(&medians));
    let (first, second) = (row(&rows, MATMUL, CANDLE, Mode::Latency), row(&rows, MATMUL, TCH, Mode::Latency));
    assert_eq!((second.ratio_to_fastest, second.ratio_half_width), (Some(1.0), None));
    assert_eq!(first.ratio_to_fastest, Some(1000.0 / 990.0));
    assert!(first.ratio_half_width.is_some());
    // Beside TF32 it stands alone, and what is known is its own time.
    let mut file = fixture::rounds(&medians);
    file.run.settings.precision = Some(0.01);
    file.checks.iter_mut().filter(|check| check.target.to_string() == TCH).for_each(|check| check.tf32 = true);
    let rows = cells(&file);
    let (first, second) = (row(&rows, MATMUL, CANDLE, Mode::Latency), row(&rows, MATMUL, TCH, Mode::Latency));
    assert_eq!((first.ratio_to_fastest, second.ratio_to_fastest, second.ratio_half_width), (Some(1.0), None, None));
    assert!(first.flags.contains(&Flag::Unconverged) && !second.flags.contains(&Flag::Unconverged));
}

#[test]
fn throughput_cancels_the_wait_and_a_first_call_has_no_rates() {
    let rows = cells(&fixture::file());
    let throughput = row(&rows, MATMUL, CANDLE, Mode::Throughput);
    assert_eq!(throughput.estimate.as_ref().unwrap().median_ns, 1010.0);
    assert!(throughput.gflops.is_some());
    let first_call = row(&rows, MATMUL, CANDLE, Mode::FirstCall);
    assert_eq!(first_call.estimate.as_ref().unwrap().median_ns, 50_500.0);
    assert_eq!((first_call.gflops, first_call.gbps), (None, None));
    let transfer = row(&rows, MATMUL, CANDLE, Mode::Transfer);
    assert_eq!(transfer.estimate.as_ref().unwrap().stages.unwrap().upload_ns, Some(202.0));
    assert_eq!((transfer.gflops, transfer.gbps), (None, None));
}

#[test]
fn a_crash_in_one_round_of_three_is_a_note() {
    let rows = cells(&fixture::file());
    let row = row(&rows, SOFTMAX, TCH, Mode::Latency);
    assert_eq!(row.outcome, Outcome::Ok);
    let note = row.note.as_deref().unwrap();
    assert_eq!(note, "1 of 3 launches: crashed (the worker was killed by signal 11 (SIGSEGV))");
    assert_eq!(row.estimate.as_ref().unwrap().launches, 2);
    assert!(row.is_composed());
    assert_eq!(row.flags, BTreeSet::from([Flag::FewSamples]));
    assert_eq!(row.gflops, None, "a softmax of no FLOP has no rate of them");
    assert!(row.gbps.is_some());
}

#[test]
fn a_failed_check_gives_its_outcome_and_no_time() {
    let mut file = fixture::file();
    // Even if launches were measured nonetheless.
    file.launches.push(fixture::measured(
        fixture::cell(CONV, TCH, Mode::Latency),
        0,
        fixture::samples(Mode::Latency, &[10]),
    ));
    let rows = cells(&file);
    let wrong = row(&rows, CONV, TCH, Mode::Latency);
    assert_eq!((wrong.outcome, &wrong.estimate, wrong.gflops), (Outcome::Wrong, &None, None));
    assert_eq!(wrong.reason.as_deref(), Some("element 17 of output 0 is 2 instead of 1"));
    assert_eq!(wrong.check.as_ref().unwrap().error, 1.0);
    let unsupported = row(&rows, CONV, CANDLE, Mode::Latency);
    assert_eq!(unsupported.outcome, Outcome::Unsupported);
    assert_eq!(unsupported.reason.as_deref(), Some("conv2d: this backend has no convolutions"));
    assert_eq!(unsupported.ratio_to_fastest, None);
}

#[test]
fn a_check_that_calls_itself_ok_beyond_its_bound_is_wrong() {
    let mut file = fixture::file();
    for check in &mut file.checks {
        for checked in &mut check.comparisons {
            checked.comparison.error = 0.5;
        }
    }
    let rows = cells(&file);
    let lied = row(&rows, MATMUL, CANDLE, Mode::Latency);
    assert_eq!((lied.outcome, &lied.estimate), (Outcome::Wrong, &None));
    assert!(lied.reason.as_deref().unwrap().contains("off by 5e-1, allowed is 2e-6"), "{:?}", lied.reason);
}

#[test]
fn a_time_without_a_check_counts_only_where_nothing_is_computed() {
    let mut file = fixture::file();
    file.checks.clear();
    let rows = cells(&file);
    let unchecked = row(&rows, MATMUL, CANDLE, Mode::Latency);
    assert_eq!(unchecked.outcome, Outcome::Failed);
    assert_eq!(unchecked.reason.as_deref(), Some("it was timed, but never checked"));

    file.run.targets[0].arithmetic = false;
    assert_eq!(row(&cells(&file), MATMUL, CANDLE, Mode::Latency).outcome, Outcome::Ok);
}

#[test]
fn a_cell_without_a_record_says_why_the_run_ended() {
    let mut file = fixture::file();
    let late = |file: &ResultsFile| {
        let rows = cells(file);
        let row = row(&rows, LINEAR, CANDLE, Mode::Latency);
        (row.outcome, row.reason.clone().unwrap())
    };
    let spent = "the run ended before it: the budget of 60 s is spent".to_owned();
    assert_eq!(late(&file), (Outcome::OverBudget, spent));
    file.run.settings.budget_s = None;
    file.ends.clear();
    assert_eq!(late(&file), (Outcome::Failed, "the run ended before it".to_owned()));
}

#[test]
fn what_a_resumed_run_measured_replaces_the_failure_of_that_round() {
    let mut file = fixture::file();
    let cell = fixture::cell(SOFTMAX, TCH, Mode::Latency);
    file.launches.push(fixture::measured(cell, 1, fixture::samples(Mode::Latency, &[4040])));
    let rows = cells(&file);
    let row = row(&rows, SOFTMAX, TCH, Mode::Latency);
    assert_eq!((row.outcome, &row.note), (Outcome::Ok, &None));
    assert_eq!(row.estimate.as_ref().unwrap().launch_medians_ns, [4000.0, 4040.0, 4080.0]);
}

#[test]
fn the_last_launch_that_was_measured_in_a_round_stands_alone() {
    let mut file = fixture::file();
    let cell = fixture::cell(MATMUL, CANDLE, Mode::Latency);
    file.launches.push(fixture::measured(cell.clone(), 1, fixture::samples(Mode::Latency, &[1500])));
    file.launches.push(fixture::not_measured(cell, 1, Outcome::Crashed, "killed"));
    let rows = cells(&file);
    let row = row(&rows, MATMUL, CANDLE, Mode::Latency);
    let estimate = row.estimate.as_ref().unwrap();
    assert_eq!(estimate.launch_medians_ns, [1000.0, 1500.0, 1020.0]);
    assert_eq!((estimate.launches, &row.rounds, &row.note), (3, &vec![0, 1, 2], &None));
}

#[test]
fn what_was_checked_at_a_smaller_shape_alone_is_flagged() {
    let mut file = fixture::file();
    let check = file.checks.iter_mut().find(|check| check.target.to_string() == TCH).unwrap();
    check.comparisons[0].case = "matmul/10x10@10x10/f32".parse().unwrap();
    let rows = cells(&file);
    let flagged: Vec<bool> = [CANDLE, TCH]
        .map(|target| row(&rows, MATMUL, target, Mode::Latency).flags.contains(&Flag::ReducedCheck))
        .into();
    assert_eq!(flagged, [false, true]);
    // What computes nothing was compared with nothing.
    file.checks.iter_mut().for_each(|check| check.comparisons.clear());
    assert!(cells(&file).iter().all(|row| !row.flags.contains(&Flag::ReducedCheck)));
}

#[test]
fn all_launches_failed_is_the_first_failure() {
    let mut file = fixture::file();
    let cell = fixture::cell(LINEAR, CANDLE, Mode::Latency);
    file.launches.push(fixture::not_measured(cell.clone(), 0, Outcome::TimedOut, "no answer in 60 s"));
    file.launches.push(fixture::not_measured(cell, 1, Outcome::Crashed, "killed"));
    let rows = cells(&file);
    let row = row(&rows, LINEAR, CANDLE, Mode::Latency);
    assert_eq!((row.outcome, row.reason.as_deref()), (Outcome::TimedOut, Some("no answer in 60 s")));
}

#[test]
fn fewer_launches_than_rounds_is_a_note() {
    let mut file = fixture::file();
    file.launches.retain(|launch| launch.round == 0);
    let rows = cells(&file);
    assert_eq!(row(&rows, MATMUL, TCH, Mode::Latency).note.as_deref(), Some("1 of 3 launches"));
}

#[test]
fn a_throughput_lost_in_noise_is_no_time() {
    let mut file = fixture::file();
    for samples in file.launches.iter_mut().filter_map(|launch| launch.samples.as_mut()) {
        samples.block4_ns = samples.block_ns.clone();
    }
    let rows = cells(&file);
    let lost = row(&rows, MATMUL, CANDLE, Mode::Throughput);
    assert_eq!((lost.outcome, &lost.estimate), (Outcome::Failed, &None));
    assert!(lost.reason.as_deref().unwrap().contains("lost in noise"));
}

#[test]
fn a_header_alone_gives_rows_without_times() {
    let file = fixture::file_of(fixture::run(), Vec::<Record>::new());
    let rows = cells(&file);
    assert_eq!(rows.len(), 14);
    assert!(rows.iter().all(|row| row.estimate.is_none() && row.reason.is_some()));
}
