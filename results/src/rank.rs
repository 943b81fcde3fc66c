//! Who wins, by how much, over what: targets ranked by the geometric mean of their times over the fastest's, on the cells that
//! all of them have.

use crate::cells::{CellResult, cells};
use crate::conditions::{Conditions, InForce, refuse_decision};
use crate::record::Flag;
use crate::stats::summary::geometric_mean;
use crate::store::ResultsFile;
use chipmark_core::{CaseId, Mode, Target};
use serde::Serialize;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// The cells of one results file with the conditions under which they were measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The conditions: only what shares them is ranked together.
    pub conditions: Conditions,
    /// What was in force in each target's framework.
    pub in_force: BTreeMap<Target, InForce>,
    /// When the run started. Where two files have the same cell, the later one's counts.
    pub started_at: String,
    /// The cells.
    pub cells: Vec<CellResult>,
}

/// The targets under the same conditions in one mode.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranking {
    /// The conditions.
    #[serde(flatten)]
    pub conditions: Conditions,
    /// The mode.
    pub mode: Mode,
    /// How many cases all the targets have a time for: what the means are of.
    pub common: usize,
    /// How many cases at least one target has a time for.
    pub cases: usize,
    /// The fewest launches that any time of a common case comes from; 0 where there is none.
    pub launches: usize,
    /// How many times of the common cases are flagged `disturbed`.
    pub disturbed: usize,
    /// And `unconverged`.
    pub unconverged: usize,
    /// How many times of earlier files were passed over: a later file has the cell, or has the target with other threads or another
    /// precision.
    pub passed_over: usize,
    /// The targets, the fastest first. Empty where they have no case in common.
    pub places: Vec<Place>,
}

/// One target's place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    /// The target.
    pub target: Target,
    /// The geometric mean, over the common cases, of its time over the fastest's: 1 for who is the fastest everywhere.
    pub ratio: f64,
    /// On how many of the common cases it is the fastest. Two within [`TIE`] of each other both are.
    pub wins: usize,
    /// How many cases it has a time for, common or not.
    pub timed: usize,
}

/// Times closer than this share are a tie.
pub const TIE: f64 = 0.02;

impl Measured {
    /// The cells of a file.
    ///
    /// # Errors
    /// One line if the file holds a decision's fresh rounds.
    pub fn of(file: &ResultsFile) -> Result<Self, String> {
        refuse_decision(file)?;
        Ok(Measured {
            conditions: Conditions::of(&file.run),
            in_force: file.run.targets.iter().map(|info| (info.target.clone(), InForce::of(info))).collect(),
            started_at: file.run.started_at.clone(),
            cells: cells(file),
        })
    }
}

/// Ranks the targets under the same conditions in each mode. Cells that are f32 in name and TF32 in error are left out.
#[must_use]
pub fn rank(files: &[Measured]) -> Vec<Ranking> {
    let mut latest_first: Vec<&Measured> = files.iter().collect();
    latest_first.sort_by(|a, b| b.started_at.cmp(&a.started_at));
    let mut groups: BTreeMap<(&Conditions, Mode), Group<'_>> = BTreeMap::new();
    for file in latest_first {
        for cell in &file.cells {
            if let Some(estimate) = cell.comparable() {
                let group = groups.entry((&file.conditions, cell.cell.mode)).or_default();
                let time = Time { median_ns: estimate.median_ns, launches: estimate.launches, cell };
                group.add(time, file.in_force.get(&cell.cell.target));
            }
        }
    }
    groups.into_iter().map(|((conditions, mode), group)| group.ranking(conditions, mode)).collect()
}

/// The time of a cell.
#[derive(Debug, Clone, Copy)]
struct Time<'a> {
    median_ns: f64,
    launches: usize,
    cell: &'a CellResult,
}

/// The times of the targets on one case.
type Times<'a> = BTreeMap<&'a Target, Time<'a>>;

/// What is ranked together, gathered from the latest file to the earliest.
#[derive(Debug, Default)]
struct Group<'a> {
    cases: BTreeMap<&'a CaseId, Times<'a>>,
    in_force: BTreeMap<&'a Target, Option<&'a InForce>>,
    passed_over: usize,
}

impl<'a> Group<'a> {
    fn add(&mut self, time: Time<'a>, in_force: Option<&'a InForce>) {
        let (case, target) = (&time.cell.cell.case, &time.cell.cell.target);
        let is_same = *self.in_force.entry(target).or_insert(in_force) == in_force;
        match self.cases.entry(case).or_default().entry(target) {
            Entry::Vacant(place) if is_same => drop(place.insert(time)),
            _ => self.passed_over += 1,
        }
    }

    fn ranking(self, conditions: &Conditions, mode: Mode) -> Ranking {
        let cases: Vec<&Times<'_>> = self.cases.values().filter(|times| !times.is_empty()).collect();
        let targets: BTreeSet<&Target> = cases.iter().flat_map(|times| times.keys()).copied().collect();
        let common: Vec<&Times<'_>> = cases.iter().copied().filter(|times| times.len() == targets.len()).collect();
        let place = |target: &&Target| {
            let ratio = |times: &&Times<'_>| Some(times.get(target)?.median_ns / fastest_ns(times)?);
            let ratios: Vec<f64> = common.iter().filter_map(ratio).collect();
            Some(Place {
                target: (*target).clone(),
                ratio: geometric_mean(&ratios)?,
                wins: ratios.iter().filter(|ratio| **ratio <= 1.0 + TIE).count(),
                timed: cases.iter().filter(|times| times.contains_key(target)).count(),
            })
        };
        let mut places: Vec<Place> = targets.iter().filter_map(place).collect();
        places.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
        let ranked = || common.iter().flat_map(|times| times.values());
        let flagged = |flag: Flag| ranked().filter(|time| time.cell.flags.contains(&flag)).count();
        Ranking {
            conditions: conditions.clone(),
            mode,
            common: common.len(),
            cases: cases.len(),
            launches: ranked().map(|time| time.launches).min().unwrap_or(0),
            disturbed: flagged(Flag::Disturbed),
            unconverged: flagged(Flag::Unconverged),
            passed_over: self.passed_over,
            places,
        }
    }
}

fn fastest_ns(times: &Times<'_>) -> Option<f64> {
    times.values().map(|time| time.median_ns).reduce(f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::record::Stage;

    fn measured(chip: &str, started_at: &str, times: &[(&str, &str, f64)]) -> Measured {
        let template = cells(&fixture::file());
        let template = template.iter().find(|cell| cell.estimate.is_some()).unwrap();
        let cells = times.iter().map(|(case, target, ns)| {
            let mut cell = template.clone();
            cell.cell = fixture::cell(case, target, Mode::Latency);
            cell.flags.clear();
            cell.estimate.as_mut().unwrap().median_ns = *ns;
            cell
        });
        let mut file = Measured::of(&fixture::file()).unwrap();
        file.conditions.machine.chip = chip.to_owned();
        Measured { started_at: started_at.to_owned(), cells: cells.collect(), ..file }
    }

    fn chip(ranking: &Ranking) -> &str {
        &ranking.conditions.machine.chip
    }

    const A: &str = "softmax/8x8/f32";
    const B: &str = "softmax/8x16/f32";
    const C: &str = "softmax/8x32/f32";

    #[test]
    fn the_mean_is_over_the_common_cases_alone() {
        let files = [measured(
            "M",
            "1",
            &[
                (A, "tch:cpu", 100.0),
                (A, "mlx:cpu", 200.0),
                (B, "tch:cpu", 400.0),
                (B, "mlx:cpu", 100.0),
                (C, "tch:cpu", 1e9),
            ],
        )];
        let [ranking] = rank(&files).try_into().unwrap();
        assert_eq!((ranking.common, ranking.cases), (2, 3));
        let [first, second] = ranking.places.try_into().unwrap();
        assert_eq!((first.target.to_string().as_str(), first.wins, first.timed), ("mlx:cpu", 1, 2));
        assert!((first.ratio - 2f64.sqrt()).abs() < 1e-12, "{first:?}");
        assert_eq!((second.wins, second.timed), (1, 3));
        assert!((second.ratio - 2.0).abs() < 1e-12, "{second:?}");
    }

    #[test]
    fn the_later_file_counts_and_machines_stand_apart() {
        let files = [
            measured("M", "2", &[(A, "tch:cpu", 100.0)]),
            measured("M", "1", &[(A, "tch:cpu", 900.0), (A, "mlx:cpu", 101.0)]),
            measured("N", "1", &[(A, "mlx:cpu", 5.0)]),
        ];
        let [m, n] = rank(&files).try_into().unwrap();
        assert_eq!((chip(&m), chip(&n)), ("M", "N"));
        assert_eq!((m.passed_over, n.passed_over), (1, 0), "900 ns are not lost without a word");
        assert_eq!(m.places[0].target.to_string(), "tch:cpu");
        assert!((m.places[0].ratio - 1.0).abs() < 1e-12);
        assert_eq!((m.places[0].wins, m.places[1].wins), (1, 1), "a hundredth apart is a tie");
    }

    #[test]
    fn other_conditions_are_ranked_apart() {
        let warm = measured("M", "1", &[(A, "tch:cpu", 100.0), (A, "mlx:cpu", 200.0)]);
        let mut cold = measured("M", "2", &[(A, "tch:cpu", 900.0)]);
        cold.conditions.inputs = chipmark_core::Inputs::Cold;
        let rankings = rank(&[warm, cold]);
        let places: Vec<usize> = rankings.iter().map(|ranking| ranking.places.len()).collect();
        assert_eq!(places, [2, 1], "{rankings:?}");
    }

    #[test]
    fn a_target_with_other_threads_is_the_later_file_s() {
        let target: Target = "tch:cpu".parse().unwrap();
        let earlier = measured("M", "1", &[(A, "tch:cpu", 100.0), (B, "tch:cpu", 100.0), (A, "mlx:cpu", 100.0)]);
        let mut later = measured("M", "2", &[(A, "tch:cpu", 400.0)]);
        later.in_force.get_mut(&target).unwrap().threads = Some(1);
        let [ranking] = rank(&[earlier, later]).try_into().unwrap();
        assert_eq!((ranking.common, ranking.cases, ranking.passed_over), (1, 1, 2));
        assert_eq!(ranking.places[0].target.to_string(), "mlx:cpu");
    }

    #[test]
    fn few_launches_and_doubtful_times_are_counted() {
        let mut file = measured("M", "1", &[(A, "tch:cpu", 1.0), (A, "mlx:cpu", 2.0), (B, "mlx:cpu", 2.0)]);
        for (cell, launches) in file.cells.iter_mut().zip([8, 3, 1]) {
            cell.estimate.as_mut().unwrap().launches = launches;
            cell.flags.extend([Flag::Disturbed, Flag::Unconverged].into_iter().take(launches % 3));
        }
        let [ranking] = rank(&[file]).try_into().unwrap();
        assert_eq!((ranking.launches, ranking.disturbed, ranking.unconverged), (3, 1, 1), "of the common cases alone");
    }

    #[test]
    fn the_fresh_rounds_of_a_decision_are_refused() {
        let mut file = fixture::file();
        file.run.stage = Some(Stage::Decision);
        assert!(Measured::of(&file).unwrap_err().contains("the fresh rounds of a decision"));
    }

    #[test]
    fn nothing_in_common_has_no_places() {
        let files = [measured("M", "1", &[(A, "tch:cpu", 1.0), (B, "mlx:cpu", 2.0)])];
        let [ranking] = rank(&files).try_into().unwrap();
        assert_eq!((ranking.common, ranking.cases, ranking.places.len(), ranking.launches), (0, 2, 0, 0));
        assert_eq!(rank(&[]), []);
    }
}
