//! Strips: each launch's median as a dot on a log axis, with the median of all and their range, so that one sees how far launches
//! agree. A word where there is no time. The axis is of times, or, to set the doubt of unlike times side by side, of each time over the
//! median of its row.

use super::draw::{Area, Pen, line, refused, whisker};
use super::marks::{Mark, Marks};
use super::rows::{Rows, TOP, named, time};
use super::{Chart, INK, axis, count};
use crate::scale::Scale;
use crate::{ReportError, units};
use chipmark_results::estimate::Estimate;
use plotters::prelude::*;

/// What strips show.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Strip {
    /// What they are of.
    pub title: String,
    /// The rows, by what is the same in them.
    pub groups: Vec<StripGroup>,
}

/// Rows under a heading, such as the targets of a case.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StripGroup {
    /// The heading; empty for none.
    pub label: String,
    /// The rows.
    pub rows: Vec<StripRow>,
}

/// A row, such as a target.
#[derive(Debug, Clone, PartialEq)]
pub struct StripRow {
    /// What stands beside it.
    pub label: String,
    /// Its series, for its colour and shape.
    pub series: usize,
    /// Its times, or the word that stands in their place.
    pub times: Result<StripTimes, String>,
    /// How far the times are to be trusted.
    pub marks: Marks,
    /// What the pointer is told of it beside its name: its time in full with its doubt, or why there is none.
    pub told: String,
}

/// The times of a row, in ns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StripTimes {
    /// The median of each launch; none where only the whole is known.
    pub launches_ns: Vec<f64>,
    /// The median of all.
    pub median_ns: f64,
    /// The ends of their range, or of an interval.
    pub low_ns: f64,
    /// The other end.
    pub high_ns: f64,
    /// What stands behind ±: half the range as a share of the median.
    pub plus_minus: Option<f64>,
}

impl From<&Estimate> for StripTimes {
    fn from(estimate: &Estimate) -> Self {
        StripTimes {
            launches_ns: estimate.launch_medians_ns.clone(),
            median_ns: estimate.median_ns,
            low_ns: estimate.low_ns,
            high_ns: estimate.high_ns,
            plus_minus: estimate.half_range(),
        }
    }
}

const RIGHT: i32 = 830;

/// The most dots of a row; more would be one line.
const MOST_DOTS: usize = 200;

/// What the axis of strips is of.
#[derive(Clone, Copy)]
enum Axis {
    Times,
    OverMedian,
}

impl Axis {
    /// What a value of a row is set against.
    fn unit(self, times: &StripTimes) -> f64 {
        match self {
            Axis::Times => 1.0,
            Axis::OverMedian => times.median_ns,
        }
    }
}

/// Draws them on an axis of times. Nothing if no row has a time.
///
/// # Errors
/// When the drawing library refuses, which it does not for drawings in memory.
pub fn strip(plot: &Strip) -> Result<Option<Chart>, ReportError> {
    draw(plot, Axis::Times)
}

/// Draws them on an axis of times over the median of their row. Nothing if no row has a time.
///
/// # Errors
/// As [`strip`].
pub fn relative_strip(plot: &Strip) -> Result<Option<Chart>, ReportError> {
    draw(plot, Axis::OverMedian)
}

fn draw(plot: &Strip, of: Axis) -> Result<Option<Chart>, ReportError> {
    let rows = Rows::first(&plot.groups);
    let ends = rows.times().flat_map(|times| {
        let dots = times.launches_ns.iter().take(MOST_DOTS).copied();
        dots.chain([times.median_ns, times.low_ns, times.high_ns]).map(move |ns| ns / of.unit(times))
    });
    let left = rows.left();
    let Some(scale) = Scale::fitted(ends, left, RIGHT) else { return Ok(None) };
    let axis = |area: &Area<'_>, bottom| {
        let (label, title): (fn(f64) -> String, _) = match of {
            Axis::Times => (axis::time, "time of one call, log scale; a dot for each launch, strokes at their median"),
            Axis::OverMedian => (axis::factor, "time over the median of its row, log scale; a dot for each launch"),
        };
        axis::below(area, &scale, (TOP, bottom), label)?;
        axis::title(area, title, (left, bottom + 34))
    };
    let (height, body) = rows.drawn(axis, |area, row, middle| draw_row(area, (&scale, of, left), row, middle))?;
    Ok(Some(Chart { height, body, title: plot.title.clone(), about: about(&rows) }))
}

fn draw_row(
    area: &Area<'_>,
    (scale, of, left): (&Scale, Axis, i32),
    row: &StripRow,
    middle: i32,
) -> Result<(), ReportError> {
    let marks = if row.times.is_ok() { row.marks } else { Marks::PLAIN };
    let Some(times) = named(area, row, (left, RIGHT), middle, (4, marks))? else { return Ok(()) };
    let x = |ns: f64| scale.at(ns / of.unit(times));
    let (low, high) = (x(times.low_ns), x(times.high_ns));
    whisker(area, (low.min(high), low.max(high)), middle, 4, row.marks)?;
    let colour = super::draw::colour(row.series);
    let style = if row.marks.has(Mark::Imported) { colour.stroke_width(2) } else { colour.filled() };
    for ns in times.launches_ns.iter().take(MOST_DOTS) {
        area.draw(&Circle::new((x(*ns), middle), 3, style)).map_err(refused)?;
    }
    let median = x(times.median_ns);
    if times.launches_ns.is_empty() {
        area.draw(&Circle::new((median, middle), 4, style)).map_err(refused)?;
    }
    // Above the dots and below, so that it hides none.
    for side in [-1, 1] {
        line(area, (median, middle + side * 4), (median, middle + side * 10), Pen::solid(INK, 2))?;
    }
    time(area, row, times, (RIGHT + 12, middle))
}

fn about(rows: &Rows<'_>) -> String {
    let widest = rows.iter().filter_map(|row| Some((row, row.times.as_ref().ok()?.plus_minus?)));
    let widest = widest.max_by(|a, b| a.1.total_cmp(&b.1));
    let widest =
        widest.map(|(row, share)| format!("; the widest range is {} ({})", units::plus_minus(share), row.label));
    format!("The median of each launch, for {}{}.", count(rows.iter().count(), "row"), widest.unwrap_or_default())
}
