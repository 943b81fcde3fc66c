//! Grouped bars from plain times: as [`bars`](super::bars), for rows that need not be of one run, nor measured here.

use super::draw::{Area, bar, colour, whisker};
use super::marks::Marks;
use super::rows::{Rows, TOP, named, time};
use super::strip::{Strip, StripRow};
use super::{Chart, axis, count};
use crate::scale::Scale;
use crate::{ReportError, units};

const RIGHT: i32 = 780;
const HALF: i32 = 7;

/// Draws a bar for each row, with its range as a whisker. Nothing if no row has a time.
///
/// # Errors
/// When the drawing library refuses, which it does not for drawings in memory.
pub fn grouped_bars(plot: &Strip) -> Result<Option<Chart>, ReportError> {
    let rows = Rows::first(&plot.groups);
    let ends = rows.times().flat_map(|times| [times.median_ns, times.low_ns, times.high_ns]);
    let left = rows.left();
    let Some(scale) = Scale::over(ends, left, RIGHT) else { return Ok(None) };
    let axis = |area: &Area<'_>, bottom| {
        axis::below(area, &scale, (TOP, bottom), axis::time)?;
        axis::title(area, "time of one call, log scale; shorter is better", (left, bottom + 34))
    };
    let (height, body) = rows.drawn(axis, |area, row, middle| draw_row(area, (&scale, left), row, middle))?;
    let shortest = rows.times().map(|times| times.median_ns).fold(f64::INFINITY, f64::min);
    let longest = rows.times().map(|times| times.median_ns).fold(0.0, f64::max);
    let about = format!(
        "Bars of the time of one call, for {}: from {} to {}.",
        count(rows.iter().count(), "row"),
        units::time(shortest),
        units::time(longest)
    );
    Ok(Some(Chart { height, body, title: plot.title.clone(), about }))
}

fn draw_row(area: &Area<'_>, (scale, left): (&Scale, i32), row: &StripRow, middle: i32) -> Result<(), ReportError> {
    let Some(times) = named(area, row, (left, RIGHT), middle, (5, Marks::PLAIN))? else { return Ok(()) };
    let end = scale.at(times.median_ns);
    bar(area, [(left, middle - HALF), (end, middle + HALF)], colour(row.series), row.marks)?;
    let (low, high) = (scale.at(times.low_ns), scale.at(times.high_ns));
    if times.launches_ns.len() > 1 {
        whisker(area, (low.min(high), low.max(high)), middle, 4, row.marks)?;
    }
    time(area, row, times, (high.max(end) + 10, middle))
}

#[cfg(test)]
mod tests {
    use super::super::Mark;
    use super::super::strip::{StripGroup, StripTimes};
    use super::*;

    fn row(label: &str, ns: f64, marks: Marks) -> StripRow {
        let times = StripTimes {
            launches_ns: vec![ns * 0.9, ns * 1.1],
            median_ns: ns,
            low_ns: ns * 0.9,
            high_ns: ns * 1.1,
            plus_minus: Some(0.1),
        };
        StripRow { label: label.to_owned(), series: 0, times: Ok(times), marks, told: String::new() }
    }

    fn plot(rows: Vec<StripRow>) -> Strip {
        Strip { title: "relu".to_owned(), groups: vec![StripGroup { label: "8x8".to_owned(), rows }] }
    }

    #[test]
    fn a_published_bar_is_an_outline_and_a_word_stands_where_there_is_no_time() {
        let word = StripRow { times: Err("unsupported".to_owned()), ..row("mlx:cpu", 1.0, Marks::PLAIN) };
        let chart = grouped_bars(&plot(vec![row("tch:cpu", 1e6, Mark::Imported.into()), word])).unwrap().unwrap();
        assert!(chart.body.contains("1.00 ms ±10%") && chart.body.contains("unsupported"), "{}", chart.body);
        assert!(!chart.body.contains("<rect x=\"170\""), "hollow: {}", chart.body);
        let measured = grouped_bars(&plot(vec![row("tch:cpu", 1e6, Marks::PLAIN)])).unwrap().unwrap();
        assert!(measured.body.contains("<rect x=\"170\""));
    }

    #[test]
    fn no_time_no_chart() {
        let word = StripRow { times: Err("wrong".to_owned()), ..row("mlx:cpu", 1.0, Marks::PLAIN) };
        assert_eq!(grouped_bars(&plot(vec![word])).unwrap(), None);
        assert_eq!(grouped_bars(&Strip::default()).unwrap(), None);
    }
}
