//! How far a contributed run is to be trusted: whether somebody else's machine, of the same kind, says the same. Worked out from what
//! the files hold, each time anew, so that nobody can claim it.

use super::{Place, Vouched};
use crate::cells::CellResult;
use crate::compare::Series;
use crate::conditions::{Conditions, InForce};
use crate::record::Run;
use crate::stats::Interval;
use crate::stats::bootstrap::Bootstrap;
use crate::stats::summary::geometric_mean;
use chipmark_core::{Cell, Device, Inputs};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The fewest cells that two files must have in common for one to say anything of the other.
pub const FEWEST_COMMON: usize = 5;

/// The share of the common cells whose intervals must overlap.
pub const OVERLAP: f64 = 0.9;

/// How far apart the times may lie by the geometric mean of their ratios: wide intervals overlap whatever they say.
pub const MEAN_WITHIN: f64 = 0.05;

/// The seed of the intervals: the same files make the same judgement.
const SEED: u64 = 1;

/// How far a result is to be trusted, the least first. It is of a run as a whole, and [`Standing`] says what it rests on.
///
/// - `imported`: others published it; nothing was checked, and there are no samples. No run is, but imported tables are.
/// - `community`: somebody contributed it, and no other contributor's file confirms it.
/// - `reproduced`: a file of another contributor says the same: from another machine (and under another name, where both give one), of the
///   same chip and configuration, system, suite, inputs, threads and precision. Of the cells that both have on the same target and
///   version of its framework, and with launches enough for a 95% interval, there are at least [`FEWEST_COMMON`]; the intervals overlap
///   in a share [`OVERLAP`] of them; and the geometric mean of the ratios of the times is within [`MEAN_WITHIN`] of 1. Two files that
///   have most times the same to the last digit are copies, and say nothing of each other.
/// - `reference`: it stands in the data tree's `reference.toml`, with who vouches for it and why.
///
/// It is no proof: a machine's id is random, and who wants to contribute twice can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// Published by others, and not checked.
    Imported,
    /// Contributed by one.
    Community,
    /// Confirmed by another contributor.
    Reproduced,
    /// Vouched for.
    Reference,
}

impl Trust {
    /// All of them, the least first.
    pub const ALL: [Trust; 4] = [Trust::Imported, Trust::Community, Trust::Reproduced, Trust::Reference];

    /// Its name, as in the CSV and on the site.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Trust::Imported => "imported",
            Trust::Community => "community",
            Trust::Reproduced => "reproduced",
            Trust::Reference => "reference",
        }
    }
}

/// How far a contributed run is to be trusted, and what that rests on. Runs are given by their place in the list that was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// How far.
    pub level: Trust,
    /// The other contributors' runs that say the same.
    pub agreeing: Vec<usize>,
    /// From how many machines these are.
    pub machines: usize,
    /// In how many of the run's cells one of them does.
    pub confirmed: usize,
    /// How many cells of the run have a time that may be compared.
    pub timed: usize,
    /// The other contributors' runs that have as much in common and say something else.
    pub disagreeing: Vec<usize>,
    /// Who vouches for it.
    pub reference: Option<Vouched>,
}

/// What is kept of a contributed run to hold others against it.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// None where the file has no place, so that it is of no known kind.
    kind: Option<Kind>,
    machine_id: String,
    contributor: Option<String>,
    timed: usize,
    times: BTreeMap<Subject, Time>,
}

/// What two runs must share for any of their times to be of the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    chip: String,
    config: String,
    suite: String,
    os: String,
    inputs: Inputs,
    threads: Option<usize>,
    tf32: bool,
}

/// What a time is of, beyond that.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Subject {
    cell: Cell,
    /// What computes, as it was detected: a card's place does not tell its host's processor.
    hardware: String,
    version: String,
    in_force: InForce,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Time {
    median_ns: f64,
    /// The 95% interval of the logarithm.
    interval: Interval,
}

impl Account {
    /// The account of a run with its cells; none of one that nobody contributed.
    #[must_use]
    pub fn of<'a>(run: &Run, cells: impl IntoIterator<Item = &'a CellResult>) -> Option<Self> {
        let contribution = run.contribution.as_ref()?;
        let Conditions { machine, os, inputs, threads, tf32 } = Conditions::of(run);
        let kind = Place::of(run, &[]).ok().map(|Place { chip, config, suite, .. }| Kind {
            chip,
            config,
            suite,
            os,
            inputs,
            threads,
            tf32,
        });
        let graphics = machine.gpus.join(", ");
        let infos: BTreeMap<_, _> = run.targets.iter().map(|info| (&info.target, info)).collect();
        let mut bootstrap = Bootstrap::new(SEED);
        let (mut timed, mut times) = (0, BTreeMap::new());
        for cell in cells {
            let Some((estimate, info)) = cell.comparable().zip(infos.get(&cell.cell.target)) else { continue };
            timed += 1;
            let Some(interval) = bootstrap.mean_interval(&Series::of(cell).values()) else { continue };
            let is_host = info.target.device == Device::Cpu;
            let subject = Subject {
                cell: cell.cell.clone(),
                hardware: if is_host { &machine.chip } else { &graphics }.clone(),
                version: info.info.version.clone(),
                in_force: InForce::of(info),
            };
            times.insert(subject, Time { median_ns: estimate.median_ns, interval });
        }
        let (machine_id, contributor) = (contribution.machine_id.clone(), contribution.contributor.clone());
        Some(Account { kind, machine_id, contributor, timed, times })
    }

    /// Whether another is of somebody else, as far as files tell.
    fn is_others(&self, other: &Account) -> bool {
        let is_same_name = self.contributor.as_ref().zip(other.contributor.as_ref());
        let is_same_name = is_same_name.is_some_and(|(a, b)| a.trim().eq_ignore_ascii_case(b.trim()));
        self.machine_id != other.machine_id && !is_same_name
    }
}

/// How far each run is to be trusted, from the accounts of all of them and who vouches for which. A run that nobody contributed has no
/// account, and no standing: it is the user's own.
#[must_use]
pub fn standings(accounts: &[Option<Account>], vouched: &[Option<Vouched>]) -> Vec<Option<Standing>> {
    let of = |(at, account): (usize, &Option<Account>)| {
        let reference = vouched.get(at).cloned().flatten();
        account.as_ref().map(|account| Standing {
            level: if reference.is_some() { Trust::Reference } else { Trust::Community },
            agreeing: Vec::new(),
            machines: 0,
            confirmed: 0,
            timed: account.timed,
            disagreeing: Vec::new(),
            reference,
        })
    };
    let mut standings: Vec<Option<Standing>> = accounts.iter().enumerate().map(of).collect();
    let mut kinds: BTreeMap<&Kind, Vec<(usize, &Account)>> = BTreeMap::new();
    for (at, account) in accounts.iter().enumerate() {
        if let Some((account, kind)) = account.as_ref().and_then(|account| Some((account, account.kind.as_ref()?))) {
            kinds.entry(kind).or_default().push((at, account));
        }
    }
    for group in kinds.values() {
        let numbered = numbered(group);
        for (place, (at, account)) in group.iter().enumerate() {
            if let Some(standing) = standings.get_mut(*at).and_then(Option::as_mut) {
                hold(standing, (place, account), group, &numbered);
            }
        }
    }
    standings
}

/// The times of a run by the numbers of what they are of, ascending.
type Numbered = Vec<(u32, Time)>;

/// Each run's times, what they are of as numbers: runs are held against each other pair by pair, and names would be compared each time.
fn numbered(group: &[(usize, &Account)]) -> Vec<Numbered> {
    let subjects: BTreeSet<&Subject> = group.iter().flat_map(|(_, account)| account.times.keys()).collect();
    let numbers: BTreeMap<&Subject, u32> = subjects.into_iter().zip(0..).collect();
    let of = |(_, account): &(usize, &Account)| {
        account.times.iter().filter_map(|(subject, time)| Some((*numbers.get(subject)?, *time))).collect()
    };
    group.iter().map(of).collect()
}

/// Holds all others of its kind against a run.
fn hold(
    standing: &mut Standing,
    (place, account): (usize, &Account),
    group: &[(usize, &Account)],
    numbered: &[Numbered],
) {
    let Some(own) = numbered.get(place) else { return };
    let (mut machines, mut confirmed) = (BTreeSet::new(), BTreeSet::new());
    for ((at, other), times) in group.iter().zip(numbered).filter(|((_, other), _)| account.is_others(other)) {
        match agreement(own, times) {
            Some(Agreement::In(cells)) => {
                standing.agreeing.push(*at);
                machines.insert(&other.machine_id);
                confirmed.extend(cells);
            }
            Some(Agreement::Not) => standing.disagreeing.push(*at),
            None => {}
        }
    }
    (standing.machines, standing.confirmed) = (machines.len(), confirmed.len());
    if !standing.agreeing.is_empty() {
        standing.level = standing.level.max(Trust::Reproduced);
    }
}

/// Whether two runs say the same.
enum Agreement {
    /// They do, in these cells.
    In(Vec<u32>),
    /// They do not.
    Not,
}

/// What two runs say of each other; nothing where they have too little in common, or are copies.
fn agreement(a: &Numbered, b: &Numbered) -> Option<Agreement> {
    let other = |number: &u32| b.binary_search_by_key(number, |(number, _)| *number).ok().and_then(|at| b.get(at));
    let common: Vec<(u32, &Time, &Time)> =
        a.iter().filter_map(|(number, time)| Some((*number, time, &other(number)?.1))).collect();
    let same = common.iter().filter(|(_, a, b)| a.median_ns.to_bits() == b.median_ns.to_bits()).count();
    if common.len() < FEWEST_COMMON || 2 * same > common.len() {
        return None;
    }
    let overlap = |a: &Interval, b: &Interval| a.low <= b.high && b.low <= a.high;
    let overlapping = common.iter().filter(|(_, a, b)| overlap(&a.interval, &b.interval));
    let overlapping: Vec<u32> = overlapping.map(|(number, ..)| *number).collect();
    let ratios: Vec<f64> = common.iter().map(|(_, a, b)| b.median_ns / a.median_ns).collect();
    let agrees = overlapping.len() as f64 >= OVERLAP * common.len() as f64
        && geometric_mean(&ratios)?.ln().abs() <= MEAN_WITHIN.ln_1p();
    Some(if agrees { Agreement::In(overlapping) } else { Agreement::Not })
}

#[cfg(test)]
mod tests;
