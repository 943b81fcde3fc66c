//! Whether rounds, orders and workers fit together as a run's do.

use super::Rule;
use super::finding::{Findings, Level, Tally};
use super::read::Contributed;
use crate::record::{Launch, Purpose, Worker};
use crate::store::ResultsFile;
use chipmark_core::{Cell, Mode, Outcome};
use std::collections::{HashMap, HashSet};

pub(super) fn check(read: &Contributed, findings: &mut Findings) {
    let file = &read.file;
    let mut wrong = Tally::default();
    let mut workers: HashMap<u32, (&Worker, u64)> = HashMap::new();
    for (worker, &line) in file.workers.iter().zip(&read.lines.workers) {
        if workers.insert(worker.worker, (worker, line)).is_some() {
            wrong.add(Some(line), || format!("there are two workers of number {}", worker.worker));
        }
    }
    let void = file.rounds.iter().filter(|round| round.void.is_some()).count();
    let rounds = (file.run.settings.rounds as usize).saturating_add(void);
    let is_resumed = is_resumed(file);
    let mut places: HashMap<(u32, u32), &Cell> = HashMap::new();
    let mut first_calls: HashSet<u32> = HashSet::new();
    for (launch, &line) in file.launches.iter().zip(&read.lines.launches) {
        if launch.outcome != Outcome::Ok {
            continue;
        }
        if let Some(why) = strange_worker(launch, line, &workers, &mut first_calls) {
            wrong.add(Some(line), || format!("{} {why}", launch.cell));
        }
        if launch.round as usize >= rounds {
            wrong.add(Some(line), || format!("{} in round {} of {rounds}", launch.cell, launch.round));
        }
        let other = places.insert((launch.round, launch.order), &launch.cell);
        if other.is_some_and(|other| *other != launch.cell && !is_resumed) {
            wrong.add(Some(line), || {
                format!("two cells at place {} of round {}: {} is the second", launch.order, launch.round, launch.cell)
            });
        }
    }
    wrong.tell(findings, Level::Error, Rule::Course, "records");
}

/// Whether a run was gone on with: it then measures anew what was half done, in an order of its own.
fn is_resumed(file: &ResultsFile) -> bool {
    let mut seen = HashSet::new();
    let mut measured = file.launches.iter().filter(|launch| launch.outcome == Outcome::Ok);
    file.ends.len() > 1 || measured.any(|launch| !seen.insert((&launch.cell, launch.round)))
}

/// What is strange about the worker of a launch that was measured.
fn strange_worker(
    launch: &Launch,
    line: u64,
    workers: &HashMap<u32, (&Worker, u64)>,
    first_calls: &mut HashSet<u32>,
) -> Option<String> {
    let Some(number) = launch.worker else { return Some("was measured by no worker".to_owned()) };
    let Some((worker, started)) = workers.get(&number) else {
        return Some(format!("was measured by worker {number}, of which there is no record"));
    };
    let is_first_call = launch.cell.mode == Mode::FirstCall;
    let purpose = if is_first_call { Purpose::FirstCall } else { Purpose::Round };
    if worker.target != launch.cell.target || worker.purpose != purpose || worker.round != Some(launch.round) {
        return Some(format!("was measured by worker {number}, which was started for something else"));
    }
    if *started > line {
        return Some(format!("was measured by worker {number} before that was started"));
    }
    (is_first_call && !first_calls.insert(number))
        .then(|| format!("was measured by worker {number}, which had made its first call before"))
}
