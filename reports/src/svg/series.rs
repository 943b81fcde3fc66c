//! The times of cells from run to run, a line for each, with the runs from which on they shifted.

use super::draw::{Area, Pen, Point, Style, colour, drawn, line, marker, path, text};
use super::fit::{width_px, within};
use super::marks::Marks;
use super::places::{Frame, Places};
use super::tips::tip;
use super::{ACCENT, Chart, INK, MUTED, SIDE, WIDTH, axis, coordinate, count, key};
use crate::scale::Scale;
use crate::{ReportError, units};
use plotters::style::text_anchor::HPos;

/// What a course over runs shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// What it is of.
    pub title: String,
    /// What stands below each run, such as its date; in their order.
    pub runs: Vec<String>,
    /// The lines.
    pub lines: Vec<Line>,
    /// Where they shifted.
    pub changes: Vec<Change>,
}

/// The times of one cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line {
    /// Its name, such as a target.
    pub name: String,
    /// Its points, in the order of the runs.
    pub points: Vec<LinePoint>,
}

/// One run's time.
#[derive(Debug, Clone, PartialEq)]
pub struct LinePoint {
    /// The run, by its place.
    pub run: usize,
    /// The time in ns.
    pub ns: f64,
    /// The ends of the launches' range in ns, where there are several.
    pub range_ns: Option<(f64, f64)>,
    /// How far it is to be trusted.
    pub marks: Marks,
    /// What the pointer is told of it beside its line: the run, and its time with its doubt.
    pub told: String,
}

/// A shift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// The first run of the new level, by its place.
    pub run: usize,
    /// The line, by its place.
    pub line: usize,
    /// The time over that of the level before.
    pub ratio: f64,
    /// Whether somebody accepted it.
    pub accepted: bool,
}

const LEFT: i32 = 76;
const RIGHT: i32 = 820;
const TOP: i32 = 58;
const BOTTOM: i32 = 360;
const FOOT: i32 = 54;

/// The most runs, the last ones, of lines, and of changes.
const MOST_RUNS: usize = 1000;
const MOST_LINES: usize = 20;
const MOST_CHANGES: usize = 100;

/// The most runs whose ranges are drawn, and whose markers are large: beyond, they would run into each other.
const FEW_RUNS: usize = 60;

/// Draws it. Nothing if no line has a point to draw.
///
/// # Errors
/// When the drawing library refuses, which it does not for drawings in memory.
pub fn series(plot: &Series) -> Result<Option<Chart>, ReportError> {
    let first = plot.runs.len().saturating_sub(MOST_RUNS);
    let runs = plot.runs.get(first..).unwrap_or_default();
    let lines = plot.lines.get(..plot.lines.len().min(MOST_LINES)).unwrap_or_default();
    let is_shown =
        |point: &&LinePoint| point.ns.is_finite() && point.ns > 0.0 && (first..plot.runs.len()).contains(&point.run);
    let times = || lines.iter().flat_map(|line| line.points.iter().filter(is_shown));
    let has_ranges = runs.len() <= FEW_RUNS;
    let range = |point: &LinePoint| point.range_ns.filter(|_| has_ranges);
    let ends = times().filter_map(range).flat_map(|(low, high)| [low, high]);
    let Some(y) = Scale::fitted(times().map(|point| point.ns).chain(ends), BOTTOM, TOP) else { return Ok(None) };
    let step = f64::from(RIGHT - LEFT) / runs.len().max(1) as f64;
    // In the middle of its share of the axis.
    let x = |run: f64| LEFT + ((run - first as f64 + 0.5) * step).round() as i32;

    let height = (BOTTOM + FOOT).unsigned_abs();
    let body = drawn((WIDTH, height), |area| {
        axis::beside(area, &y, (LEFT, RIGHT), axis::time)?;
        let ranges = if times().any(|point| range(point).is_some()) { " with the launches' range" } else { "" };
        axis::title(area, &format!("time of one call{ranges}, log scale; lower is better"), (0, 8))?;
        dates(area, runs, |at| x((first + at) as f64))?;
        draw_changes(area, plot, (first, &x), lines.len() > 1)?;
        let mut ends = Vec::new();
        for (series, line) in lines.iter().enumerate() {
            let points: Vec<&LinePoint> = line.points.iter().filter(is_shown).collect();
            let places: Vec<Point> = points.iter().map(|point| (x(point.run as f64), y.at(point.ns))).collect();
            path(area, places.clone(), Pen::solid(colour(series), 2))?;
            let size = if has_ranges { 4 } else { 2 };
            let reach = (step / 2.0).clamp(3.0, 12.0) as i32;
            for (point, place) in points.iter().zip(&places) {
                if let Some((low, high)) = range(point) {
                    line_of_range(area, place.0, (y.at(low), y.at(high)), Pen::thin(point.marks))?;
                }
                marker(area, series, *place, size, point.marks)?;
                let corners = [(place.0 - reach, place.1 - 10), (place.0 + reach, place.1 + 10)];
                tip(area, corners, &[&line.name, &point.told]);
            }
            ends.extend(
                places.last().zip(points.last()).map(|((_, y), point)| (*y, series, line.name.as_str(), point.ns)),
            );
        }
        name_ends(area, ends)?;
        let marks = times().fold(Marks::PLAIN, |all, point| all.and(point.marks));
        key::marks(area, marks, (SIDE, BOTTOM + 38))
    })?;
    let ratios = plot.changes.iter().map(|change| units::change(change.ratio));
    let shifts = ratios.take(3).collect::<Vec<_>>().join(", ");
    let of = |ns: Option<f64>| ns.map(units::time).unwrap_or_default();
    let (least, most) =
        (times().map(|point| point.ns).reduce(f64::min), times().map(|point| point.ns).reduce(f64::max));
    let about = format!(
        "The time of one call over {} in {}, from {} to {}; {}{}.",
        count(runs.len(), "run"),
        count(lines.len(), "line"),
        of(least),
        of(most),
        if plot.changes.is_empty() { "no shift".to_owned() } else { count(plot.changes.len(), "shift") + ": " },
        shifts
    );
    Ok(Some(Chart { height, body, title: plot.title.clone(), about }))
}

/// A range as a line upwards with an end at each side.
fn line_of_range(area: &Area<'_>, x: i32, (low, high): (i32, i32), pen: Pen) -> Result<(), ReportError> {
    line(area, (x, low), (x, high), pen)?;
    for y in [low, high] {
        line(area, (x - 3, y), (x + 3, y), pen)?;
    }
    Ok(())
}

/// As many of the runs' names as have room below the axis.
fn dates(area: &Area<'_>, runs: &[String], x: impl Fn(usize) -> i32) -> Result<(), ReportError> {
    let style = Style::small(MUTED).centred();
    let names: Vec<String> = runs.iter().map(|name| within(name, style, 120)).collect();
    let widest = names.iter().map(|name| width_px(name, style)).max().unwrap_or(0) + 10;
    let step = (x(1) - x(0)).max(1);
    let every = usize::try_from(widest / step + 1).unwrap_or(1);
    for (at, name) in names.iter().enumerate().step_by(every) {
        line(area, (x(at), BOTTOM), (x(at), BOTTOM + 4), Pen::solid(INK, 1))?;
        text(area, name, (x(at).max(widest / 2), BOTTOM + 14), style)?;
    }
    Ok(())
}

/// A vertical line before the first run of each new level, its change above; dashed and pale where it is accepted.
fn draw_changes(
    area: &Area<'_>,
    plot: &Series,
    (first, x): (usize, &dyn Fn(f64) -> i32),
    is_named: bool,
) -> Result<(), ReportError> {
    let mut places = Places::new(Frame { left: 0, top: 14, right: SIDE, bottom: TOP + 4 });
    let changes = plot.changes.iter().filter(|change| (first..plot.runs.len()).contains(&change.run));
    for change in changes.take(MOST_CHANGES) {
        let at = x(change.run as f64 - 0.5);
        let (pen, style) = if change.accepted {
            (Pen::dashed(INK, 1), Style::small(MUTED))
        } else {
            (Pen::solid(ACCENT, 2), Style::small(INK).bold())
        };
        line(area, (at, TOP), (at, BOTTOM), pen)?;
        let name = plot.lines.get(change.line).filter(|_| is_named).map(|line| format!(" {}", line.name));
        let accepted = if change.accepted { " accepted" } else { "" };
        let label = format!("{}{accepted}{}", units::change(change.ratio), name.unwrap_or_default());
        let spots = [TOP - 8, TOP - 22, TOP - 36]
            .into_iter()
            .flat_map(|y| [((at, y), HPos::Center), ((at, y), HPos::Left), ((at, y), HPos::Right)]);
        places.write(area, &within(&label, style, 220), style, spots)?;
    }
    Ok(())
}

/// The name and the last time of each line at its right end with its marker, moved apart where they would overlap.
fn name_ends(area: &Area<'_>, mut ends: Vec<(i32, usize, &str, f64)>) -> Result<(), ReportError> {
    const APART: i32 = 14;
    ends.sort_by_key(|(y, ..)| *y);
    let mut lowest = BOTTOM - APART * coordinate(ends.len().saturating_sub(1));
    let mut next = TOP;
    for (y, series, name, ns) in ends {
        let style = Style::small(INK);
        let at = y.max(next).min(lowest.max(next));
        (next, lowest) = (at + APART, lowest + APART);
        marker(area, series, (RIGHT + 14, at), 4, Marks::PLAIN)?;
        let label = within(&format!("{} {name}", units::time(ns)), style, SIDE - RIGHT - 26);
        text(area, &label, (RIGHT + 26, at), style)?;
    }
    Ok(())
}
