//! The A/A noise floor: how far two measurements of the same lie apart beyond what the launches of each explain.

use crate::estimate::median;
use crate::stats::summary::{mean, standard_deviation};

/// The fewest launches in a half, and the fewest cells, from which a floor is told.
const LAUNCHES: usize = 4;
const CELLS: usize = 5;

/// The median of a squared standard normal variable: χ² with one degree of freedom.
const MEDIAN_CHI_SQUARE: f64 = 0.454_936;

/// The noise floor of a side's cells, as a standard deviation of logarithms; each series in the order of its rounds.
///
/// The first and the second half of a series are an A/A comparison. If nothing but the launches' own scatter were at work, the
/// square of the halves' difference would be that of its standard error times a χ² variable. What the median over the cells has
/// beyond that is the floor: drift and moods of the machine that outlast a launch, and that intervals from launches do not
/// know of. Zero where there is nothing beyond, or too little to tell.
#[must_use]
pub fn floor(series: &[Vec<f64>]) -> f64 {
    let halves = series.iter().filter_map(|values| {
        let (first, second) = values.split_at(values.len() / 2);
        if first.len() < LAUNCHES {
            return None;
        }
        let variance = |half: &[f64]| Some(standard_deviation(half)?.powi(2) / half.len() as f64);
        Some(((mean(second)? - mean(first)?).powi(2), variance(first)? + variance(second)?))
    });
    let (squares, variances): (Vec<f64>, Vec<f64>) = halves.unzip();
    if squares.len() < CELLS {
        return 0.0;
    }
    let beyond =
        median(&squares).zip(median(&variances)).map(|(square, variance)| square / MEDIAN_CHI_SQUARE - variance);
    beyond.unwrap_or(0.0).max(0.0).sqrt()
}
