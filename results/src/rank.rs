//! Who wins, by how much, over what: targets ranked by the geometric mean of their times over the fastest's, on the cells that
//! all of them have.

use crate::cells::CellResult;
use crate::record::Flag;
use crate::stats::summary::geometric_mean;
use chipmark_core::{CaseId, Mode, Target};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The cells of one results file with the machine that they were measured on.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The machine's chip: only what shares one is ranked together.
    pub chip: String,
    /// When the run started. Where two files have the same cell, the later one's counts.
    pub started_at: String,
    /// The cells.
    pub cells: Vec<CellResult>,
}

/// The targets of one machine in one mode.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranking {
    /// The machine's chip.
    pub chip: String,
    /// The mode.
    pub mode: Mode,
    /// How many cases all the targets have a time for: what the means are of.
    pub common: usize,
    /// How many cases at least one target has a time for.
    pub cases: usize,
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

/// Ranks the targets of each machine in each mode, those with the most cases first among machines of one name. Cells that are f32
/// in name and TF32 in error are left out.
#[must_use]
pub fn rank(files: &[Measured]) -> Vec<Ranking> {
    let mut order: Vec<&Measured> = files.iter().collect();
    order.sort_by(|a, b| a.started_at.cmp(&b.started_at));
    let mut times: BTreeMap<(&str, Mode), Cases<'_>> = BTreeMap::new();
    for file in order {
        for cell in file.cells.iter().filter(|cell| !cell.flags.contains(&Flag::Tf32)) {
            if let Some(estimate) = &cell.estimate {
                let cases = times.entry((&file.chip, cell.cell.mode)).or_default();
                cases.entry(&cell.cell.case).or_default().insert(&cell.cell.target, estimate.median_ns);
            }
        }
    }
    times.into_iter().map(|((chip, mode), cases)| ranking(chip, mode, &cases)).collect()
}

/// The times of each case, in ns.
type Cases<'a> = BTreeMap<&'a CaseId, BTreeMap<&'a Target, f64>>;

fn ranking(chip: &str, mode: Mode, cases: &Cases<'_>) -> Ranking {
    let targets: BTreeSet<&Target> = cases.values().flat_map(BTreeMap::keys).copied().collect();
    let common: Vec<&BTreeMap<&Target, f64>> = cases.values().filter(|times| times.len() == targets.len()).collect();
    let place = |target: &&Target| {
        let ratios: Vec<f64> = common.iter().filter_map(|times| Some(times.get(target)? / fastest(times)?)).collect();
        Some(Place {
            target: (*target).clone(),
            ratio: geometric_mean(&ratios)?,
            wins: ratios.iter().filter(|ratio| **ratio <= 1.0 + TIE).count(),
            timed: cases.values().filter(|times| times.contains_key(target)).count(),
        })
    };
    let mut places: Vec<Place> = targets.iter().filter_map(place).collect();
    places.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
    Ranking { chip: chip.to_owned(), mode, common: common.len(), cases: cases.len(), places }
}

fn fastest(times: &BTreeMap<&Target, f64>) -> Option<f64> {
    times.values().copied().reduce(f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::cells;
    use crate::fixture;

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
        Measured { chip: chip.to_owned(), started_at: started_at.to_owned(), cells: cells.collect() }
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
        assert_eq!((m.chip.as_str(), n.chip.as_str()), ("M", "N"));
        assert_eq!(m.places[0].target.to_string(), "tch:cpu");
        assert!((m.places[0].ratio - 1.0).abs() < 1e-12);
        assert_eq!((m.places[0].wins, m.places[1].wins), (1, 1), "a hundredth apart is a tie");
    }

    #[test]
    fn nothing_in_common_has_no_places() {
        let files = [measured("M", "1", &[(A, "tch:cpu", 1.0), (B, "mlx:cpu", 2.0)])];
        let [ranking] = rank(&files).try_into().unwrap();
        assert_eq!((ranking.common, ranking.cases, ranking.places.len()), (0, 2, 0));
        assert_eq!(rank(&[]), []);
    }
}
