//! What to know before believing a number of a run: whether it is whole, and what disturbed its machine from start to end. Lines
//! for people, the same in every output. They hold texts of the file as they stand there: whoever shows them cleans them.

use crate::canary;
use crate::disturbance::{disturbances, slowed_by, slowed_rounds};
use crate::record::{Canary, Round};
use crate::store::ResultsFile;
use std::collections::BTreeSet;

/// A run of fewer launches a cell than this gives an indication, no verdict.
pub const LAUNCHES_FOR_A_VERDICT: u32 = 8;

/// The most disturbances that are named; a file may hold any number.
const MOST: usize = 20;

/// The most reasons that are named of rounds of one kind.
const REASONS: usize = 2;

/// Everything to know, what weighs most first.
#[must_use]
pub fn notices(file: &ResultsFile) -> Vec<String> {
    let mut notices = Vec::new();
    let rounds = file.run.settings.rounds;
    if rounds < LAUNCHES_FOR_A_VERDICT {
        let launches = if rounds == 1 { "1 launch".to_owned() } else { format!("{rounds} launches") };
        notices.push(format!("{launches} a cell: an indication, no verdict"));
    }
    match file.ends.last() {
        None => notices.push("the run did not end by itself: it was killed, or is still going on".to_owned()),
        Some(end) if !end.complete => {
            let why = end.reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
            notices.push(format!("the run is not complete{why}"));
        }
        Some(_) => {}
    }
    if file.torn_tail {
        notices.push("the last record of the file was cut off and is left out".to_owned());
    }
    let machine = &file.run.machine;
    if let Some(detected) = machine.chip_detected.as_ref().filter(|chip| **chip != machine.chip) {
        notices.push(format!("the chip was given as {}; what was detected is {detected}", machine.chip));
    }
    notices.extend(disturbed(file));
    notices
}

/// What of it is about the machine's state: before the first check, during the rounds, after the last launch.
#[must_use]
pub fn disturbed(file: &ResultsFile) -> Vec<String> {
    let machine = &file.run.machine;
    let at_start = disturbances(machine, &file.run.state);
    let mut found: Vec<String> = at_start.iter().map(|found| format!("when it started: {}", found.what())).collect();

    let (void, counted): (Vec<&Round>, Vec<&Round>) = file.rounds.iter().partition(|round| round.void.is_some());
    found.extend(reasons(void.iter().filter_map(|round| round.void.as_deref())).map(|why| match void.len() {
        1 => format!("1 round was disturbed and counts for nothing: {why}"),
        n => format!("{n} rounds were disturbed and count for nothing: {why}"),
    }));
    let mut earlier: Vec<&[Canary]> = Vec::new();
    let mut canaries: Vec<String> = Vec::new();
    for round in &counted {
        canaries.extend(canary::disturbance(&round.canaries, &earlier));
        earlier.push(&round.canaries);
    }
    found.extend(reasons(canaries.iter().map(String::as_str)).map(|why| {
        let were = if canaries.len() == 1 { "was" } else { "were" };
        format!("{} of {} rounds {were} disturbed and had to count: {why}", canaries.len(), counted.len())
    }));
    let slowed = slowed_rounds(&file.run, counted.iter().copied());
    found.extend(
        slowed.iter().map(|(found, times)| format!("after {times} of {} rounds: {}", counted.len(), found.what())),
    );

    let at_end =
        file.ends.iter().flat_map(|end| slowed_by(machine, &file.run.state, &end.state)).map(|found| found.what());
    found.extend(at_end.collect::<BTreeSet<_>>().iter().map(|what| format!("when it ended: {what}")));
    if found.len() > MOST {
        let rest = found.len() - MOST;
        found.truncate(MOST);
        found.push(format!("and {rest} disturbances more"));
    }
    found
}

/// The first of several reasons, each once, and how many others there are; nothing of none.
fn reasons<'a>(all: impl Iterator<Item = &'a str>) -> Option<String> {
    let distinct: BTreeSet<&str> = all.collect();
    let mut named: Vec<String> = distinct.iter().take(REASONS).map(|&why| why.to_owned()).collect();
    if distinct.len() > REASONS {
        named.push(format!("and {} more", distinct.len() - REASONS));
    }
    (!named.is_empty()).then(|| named.join("; "))
}

#[cfg(all(test, feature = "fixture"))]
mod tests {
    use super::*;
    use crate::fixture;

    /// A whole run of ten rounds on a machine that nothing disturbs.
    fn quiet() -> ResultsFile {
        let mut file = fixture::rounds(&[[1000.0, 1000.0]; 10]);
        file.run.machine.chip_detected = None;
        file.run.state = fixture::calm(0).state;
        file.run.state.heavy_processes.clear();
        let end = crate::record::End { complete: true, reason: None, state: fixture::calm(0).state, ..fixture::end() };
        file.ends = vec![end];
        file
    }

    fn canary(after_ns: u64) -> crate::record::Canary {
        crate::record::Canary { canary: "spin".to_owned(), before_ns: vec![1000; 9], after_ns: vec![after_ns; 9] }
    }

    #[test]
    fn a_quiet_machine_and_a_whole_run_need_no_notice() {
        assert_eq!(notices(&quiet()), Vec::<String>::new());
    }

    #[test]
    fn void_rounds_are_told_with_their_reasons_and_are_no_rounds_of_the_others() {
        let mut file = quiet();
        file.rounds[2].void = Some("the canary copy took 9.0 % longer".to_owned());
        file.rounds[2].state.power_source = Some("battery".to_owned());
        assert_eq!(
            disturbed(&file),
            ["1 round was disturbed and counts for nothing: the canary copy took 9.0 % longer"]
        );
        for (round, why) in [(3, "a"), (4, "b"), (5, "c"), (6, "a")] {
            file.rounds[round].void = Some(why.to_owned());
        }
        file.rounds[0].state.power_source = Some("battery".to_owned());
        file.rounds[1].canaries = vec![canary(1100)];
        file.rounds[7].canaries = vec![canary(1200)];
        assert_eq!(
            disturbed(&file),
            [
                "5 rounds were disturbed and count for nothing: a; b; and 2 more",
                "2 of 5 rounds were disturbed and had to count: the canary spin took 10.0 % longer after the round than before \
                 it; the canary spin took 20.0 % longer after the round than before it",
                "after 1 of 5 rounds: the machine runs on battery",
            ]
        );
    }

    #[test]
    fn the_states_at_the_start_and_at_the_end_are_told_apart() {
        let mut file = quiet();
        file.run.state.low_power_mode = Some(true);
        file.ends[0].state.thermal = Some("serious".to_owned());
        file.ends.push(file.ends[0].clone());
        assert_eq!(
            notices(&file),
            ["when it started: a low-power mode is on", "when it ended: the machine is warm (thermal state: serious)"]
        );
    }

    #[test]
    fn a_file_of_many_disturbances_has_few_lines() {
        let mut file = quiet();
        for (at, round) in (0..).zip(&mut file.rounds) {
            round.state.thermal = Some(format!("hot {at}"));
            round.state.gpus = (0..5)
                .map(|gpu| crate::machine::GpuState {
                    name: format!("{at} {gpu}"),
                    throttle: vec!["thermal".to_owned()],
                    ..Default::default()
                })
                .collect();
        }
        let found = disturbed(&file);
        assert_eq!((found.len(), found.last().map(String::as_str)), (MOST + 1, Some("and 31 disturbances more")));
    }
}
