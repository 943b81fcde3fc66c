//! A scatter of the times of two sides, such as two chips: a point for each cell, with the diagonal of equal times and the lines of
//! twice and half. Both axes are logarithmic and have one range, so that the diagonal is one.

use super::draw::{Area, MARKER, Pen, Style, drawn, line, marker, reach, text};
use super::fit::within;
use super::key::{self, Key};
use super::marks::Marks;
use super::places::{Frame, Places, around};
use super::tips::{self, tip};
use super::{Chart, GRID, INK, MUTED, SIDE, WIDTH, axis, count, series_name};
use crate::scale::Scale;
use crate::{ReportError, units};
use plotters::style::text_anchor::HPos;

/// What a scatter shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scatter {
    /// What it is of.
    pub title: String,
    /// The name of the side whose times go to the right.
    pub x: String,
    /// The name of the side whose times go upwards.
    pub y: String,
    /// The names of the series, such as targets or workloads; empty for what has no point.
    pub series: Vec<String>,
    /// The cells, what deserves a label first.
    pub points: Vec<ScatterPoint>,
}

/// A cell that both sides have.
#[derive(Debug, Clone, PartialEq)]
pub struct ScatterPoint {
    /// Its time on the one side, in ns.
    pub x_ns: f64,
    /// Its time on the other, in ns.
    pub y_ns: f64,
    /// Its series, by its place.
    pub series: usize,
    /// What stands beside it, where there is room; empty for nothing.
    pub label: String,
    /// How far the two times are to be trusted.
    pub marks: Marks,
    /// The case in full, for the pointer.
    pub name: String,
    /// What the pointer is told of the two times: each with its doubt.
    pub told: [String; 2],
}

const LEFT: i32 = 76;
const TOP: i32 = 26;
const PLOT: i32 = 600;
const RIGHT: i32 = LEFT + PLOT;
const BOTTOM: i32 = TOP + PLOT;
/// Where the key begins.
const KEY: i32 = RIGHT + 60;
/// The width of what the upwards axis shows: beyond it stands what the line of twice is called.
const TITLE: i32 = 400;
const FOOT: i32 = 70;

/// The most points; beyond, none could be told from another.
const MOST_POINTS: usize = 2000;
/// The widest label in pixels.
const LABEL: i32 = 190;
/// The most labels that are tried.
const MOST_LABELS: usize = 60;

/// Draws it. Nothing if there is no point to draw.
///
/// # Errors
/// When the drawing library refuses, which it does not for drawings in memory.
pub fn scatter(plot: &Scatter) -> Result<Option<Chart>, ReportError> {
    let able = |ns: f64| ns.is_finite() && ns > 0.0;
    let points = plot.points.iter().filter(|point| able(point.x_ns) && able(point.y_ns));
    let points: Vec<&ScatterPoint> = points.take(MOST_POINTS).collect();
    let times = || points.iter().flat_map(|point| [point.x_ns, point.y_ns]);
    let (x, y) = (Scale::fitted(times(), LEFT, RIGHT), Scale::fitted(times(), BOTTOM, TOP));
    let Some((x, y)) = x.zip(y) else { return Ok(None) };

    let key = Key::of(plot.series.iter().map(String::as_str), SIDE - KEY);
    let height = (BOTTOM + FOOT).max(TOP + key.height() + FOOT).unsigned_abs();
    let body = drawn((WIDTH, height), |area| {
        axis::below(area, &x, (TOP, BOTTOM), axis::time)?;
        axis::beside(area, &y, (LEFT, RIGHT), axis::time)?;
        let small = Style::small(MUTED);
        let upwards = within(&format!("time of one call on {}, log scale", plot.y), small, TITLE);
        text(area, &upwards, (0, TOP / 2 - 2), small)?;
        axis::title(area, &format!("time of one call on {}, log scale", plot.x), (LEFT, BOTTOM + 34))?;
        let mut places = Places::new(Frame { left: LEFT, top: TOP, right: RIGHT, bottom: BOTTOM });
        lines(area, (&x, &y), &mut places)?;
        let at = |point: &ScatterPoint| (x.at(point.x_ns), y.at(point.y_ns));
        for point in points.iter().rev() {
            marker(area, point.series, at(point), MARKER, point.marks)?;
            places.take(Frame::around(at(point), reach(point.marks)));
            let name = series_name(&plot.series, &point.name, point.series);
            let [on_x, on_y] = &point.told;
            let (on_x, on_y) = (format!("{}: {on_x}", plot.x), format!("{}: {on_y}", plot.y));
            let ratio = format!("{} as long on {}", units::factor(point.y_ns / point.x_ns), plot.y);
            tip(area, tips::around(at(point), reach(point.marks) + 3), &[&name, &on_x, &on_y, &ratio]);
        }
        let corner = Style::small(INK).italic();
        let faster = |side: &str| within(side, corner, PLOT / 2) + " is faster";
        let upper = [((LEFT + 10, TOP + 14), HPos::Left), ((LEFT + 10, TOP + 34), HPos::Left)];
        places.write(area, &faster(&plot.x), corner, upper)?;
        let lower = [((RIGHT - 10, BOTTOM - 14), HPos::Right), ((RIGHT - 10, BOTTOM - 34), HPos::Right)];
        places.write(area, &faster(&plot.y), corner, lower)?;
        for point in points.iter().filter(|point| !point.label.is_empty()).take(MOST_LABELS) {
            let style = Style { size: 10.5, ..Style::small(MUTED) };
            places.write(area, &within(&point.label, style, LABEL), style, around(at(point), reach(point.marks)))?;
        }
        let marks = points.iter().fold(Marks::PLAIN, |all, point| all.and(point.marks));
        key::marks(area, marks, (SIDE, BOTTOM + 56))?;
        key.draw(area, (KEY, TOP))
    })?;
    let about = about(plot, &points);
    Ok(Some(Chart { height, body, title: plot.title.clone(), about }))
}

/// The lines of equal times, of twice and of half.
fn lines(area: &Area<'_>, (x, y): (&Scale, &Scale), places: &mut Places) -> Result<(), ReportError> {
    let (low, high) = (x.low(), x.high());
    for (factor, name, pen) in
        [(1.0, "equal", Pen::solid(INK, 1)), (2.0, "2×", Pen::solid(GRID, 2)), (0.5, "½×", Pen::solid(GRID, 2))]
    {
        let (start, end) = (low.max(low / factor), high.min(high / factor));
        if start >= end {
            continue;
        }
        let (from, to) = ((x.at(start), y.at(start * factor)), (x.at(end), y.at(end * factor)));
        line(area, from, to, pen)?;
        places.take_line(from, to);
        // Where the line leaves the plot: above it, or at its right.
        let style = Style::small(MUTED);
        if factor > 1.0 {
            text(area, name, (to.0, TOP - 9), style.centred())?;
        } else {
            text(area, name, (RIGHT + 5, to.1), style)?;
        }
    }
    Ok(())
}

fn about(plot: &Scatter, points: &[&ScatterPoint]) -> String {
    let ratios = || points.iter().map(|point| point.y_ns / point.x_ns);
    let (least, most) = (ratios().fold(f64::INFINITY, f64::min), ratios().fold(0.0, f64::max));
    format!(
        "Times of {} on {} against {}: the latter takes {} to {} as long.",
        count(points.len(), "cell"),
        plot.x,
        plot.y,
        units::factor(least),
        units::factor(most)
    )
}
