//! The A/A noise floor: how far two measurements of the same lie apart beyond what the launches of each explain.

use crate::estimate::median;
use crate::stats::summary::{mean, standard_deviation};

/// The fewest launches in a half, and the fewest cells, from which a floor is told. Of fewer cells the median is above what is
/// allowed to chance too often: `bench selfcheck` lost a twentieth of all true changes to floors of seven cells that were
/// none.
const LAUNCHES: usize = 4;
const CELLS: usize = 20;

/// The median of a squared standard normal variable: χ² with one degree of freedom.
const MEDIAN_CHI_SQUARE: f64 = 0.454_936;

/// The standard error of the median of n such variables, relative to it, times √n: 1 / (2·f·m) with the density f = 0.4711 at the
/// median m.
const MEDIAN_ERROR: f64 = 2.333;

/// What the median shows is held against what chance shows and so many standard errors. The median's distribution is skewed: beyond
/// three of them lies one suite of twenty cells in fifty, beyond five one in three hundred.
const ERRORS: f64 = 5.0;

/// The noise floor of a side's cells, as a standard deviation of logarithms; each series in the order of its rounds.
///
/// The first and the second half of a series are an A/A comparison. If nothing but the launches' own scatter were at work, the
/// square of the halves' difference over that of its standard error would be a χ² variable. What the median over the cells has
/// beyond that, and beyond what so few cells show by chance, is the floor: drift and moods of the machine that outlast a
/// launch, and that intervals from launches do not know of. Zero where there is nothing beyond, or too little to tell.
#[must_use]
pub fn floor(series: &[Vec<f64>]) -> f64 {
    let halves = series.iter().filter_map(|values| {
        let (first, second) = values.split_at(values.len() / 2);
        if first.len() < LAUNCHES {
            return None;
        }
        let variance = |half: &[f64]| Some(standard_deviation(half)?.powi(2) / half.len() as f64);
        let variance = (variance(first)? + variance(second)?).max(f64::MIN_POSITIVE);
        Some(((mean(second)? - mean(first)?).powi(2) / variance, variance))
    });
    let (squares, variances): (Vec<f64>, Vec<f64>) = halves.unzip();
    if squares.len() < CELLS {
        return 0.0;
    }
    let (Some(square), Some(variance)) = (median(&squares), median(&variances)) else { return 0.0 };
    let excess = square / MEDIAN_CHI_SQUARE;
    let by_chance = 1.0 + ERRORS * MEDIAN_ERROR / (squares.len() as f64).sqrt();
    ((excess - by_chance).max(0.0) * variance).sqrt()
}
