//! A roofline: what cases reach, over how many operations they have for each byte, under what the device can do at best (S. Williams,
//! A. Waterman and D. Patterson, Communications of the ACM 52, 2009). Both axes are logarithmic.

use super::draw::{Area, MARKER, Pen, Point, Style, drawn, marker, path, reach};
use super::fit::within;
use super::key::{self, Key};
use super::marks::Marks;
use super::places::{Frame, Places, around};
use super::tips::{self, tip};
use super::{Chart, INK, MUTED, SIDE, WIDTH, axis, count, series_name};
use crate::scale::Scale;
use crate::{ReportError, units};
use plotters::style::text_anchor::HPos;

/// What a roofline shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Roofline {
    /// What it is of.
    pub title: String,
    /// What the device can do at best.
    pub roofs: Vec<Roof>,
    /// The names of the series, such as targets; empty for what has no point.
    pub series: Vec<String>,
    /// What was reached, what deserves a label first.
    pub points: Vec<RoofPoint>,
}

/// What a device can do at best.
#[derive(Debug, Clone, PartialEq)]
pub struct Roof {
    /// Who says so.
    pub kind: RoofKind,
    /// The most arithmetic in GFLOP/s: the flat part.
    pub gflops: Option<f64>,
    /// The most traffic in GB/s: the slope.
    pub gbps: Option<f64>,
}

/// Who says what a device can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoofKind {
    /// It was measured.
    Measured,
    /// Its vendor does.
    Vendor,
}

/// What a case reached.
#[derive(Debug, Clone, PartialEq)]
pub struct RoofPoint {
    /// Its operations for each compulsory byte.
    pub flop_per_byte: f64,
    /// What it reached in GFLOP/s.
    pub gflops: f64,
    /// Its series, by its place.
    pub series: usize,
    /// What stands beside it, where there is room; empty for nothing.
    pub label: String,
    /// How far it is to be trusted.
    pub marks: Marks,
    /// The case in full, for the pointer.
    pub name: String,
    /// What the pointer is told of it beside its place: the time with its doubt.
    pub told: String,
}

const LEFT: i32 = 76;
const RIGHT: i32 = 985;
const TOP: i32 = 24;
const BOTTOM: i32 = 480;
const FOOT: i32 = 74;

/// The most points; beyond, none could be told from another.
const MOST_POINTS: usize = 2000;
/// The widest label in pixels.
const LABEL: i32 = 190;
/// The most labels that are tried.
const MOST_LABELS: usize = 150;

/// Draws it. Nothing if there is no point to draw.
///
/// # Errors
/// When the drawing library refuses, which it does not for drawings in memory.
pub fn roofline(plot: &Roofline) -> Result<Option<Chart>, ReportError> {
    let able = |value: f64| value.is_finite() && value > 0.0;
    let points = plot.points.iter().filter(|point| able(point.flop_per_byte) && able(point.gflops));
    let points: Vec<&RoofPoint> = points.take(MOST_POINTS).collect();
    let roofs = plot.roofs.iter().map(|roof| Roof {
        kind: roof.kind,
        gflops: roof.gflops.filter(|rate| able(*rate)),
        gbps: roof.gbps.filter(|rate| able(*rate)),
    });
    let roofs: Vec<Roof> = roofs.filter(|roof| roof.gflops.or(roof.gbps).is_some()).collect();
    let ridges = roofs.iter().filter_map(|roof| Some(roof.gflops? / roof.gbps?));
    let xs = points.iter().map(|point| point.flop_per_byte).chain(ridges);
    let ys = points.iter().map(|point| point.gflops).chain(roofs.iter().filter_map(|roof| roof.gflops));
    let (x, y) = (Scale::fitted(xs, LEFT, RIGHT), Scale::fitted(ys, BOTTOM, TOP));
    let Some((x, y)) = x.zip(y).filter(|_| !points.is_empty()) else { return Ok(None) };

    let key = Key::of(plot.series.iter().map(String::as_str), SIDE - LEFT);
    let height = (BOTTOM + FOOT + key.height()).unsigned_abs();
    let body = drawn((WIDTH, height), |area| {
        axis::below(area, &x, (TOP, BOTTOM), axis::number)?;
        axis::beside(area, &y, (LEFT, RIGHT), axis::number)?;
        axis::title(area, "GFLOP/s of one call, log scale; higher is better", (0, TOP / 2 - 2))?;
        axis::title(area, "FLOP for each byte moved, log scale", (LEFT, BOTTOM + 34))?;
        let mut places = Places::new(Frame { left: LEFT, top: TOP - 14, right: SIDE, bottom: BOTTOM });
        let courses = draw_roofs(area, (&x, &y), &roofs, &mut places)?;
        let at = |point: &RoofPoint| (x.at(point.flop_per_byte), y.at(point.gflops));
        for point in points.iter().rev() {
            marker(area, point.series, at(point), MARKER, point.marks)?;
            places.take(Frame::around(at(point), reach(point.marks)));
            let name = series_name(&plot.series, &point.name, point.series);
            let rate = format!(
                "{} at {} FLOP for each byte",
                units::gflops(point.gflops),
                axis::number(axis::rounded(point.flop_per_byte))
            );
            tip(area, tips::around(at(point), reach(point.marks) + 3), &[&name, &rate, &point.told]);
        }
        name_roofs(area, &courses, &mut places)?;
        for point in points.iter().filter(|point| !point.label.is_empty()).take(MOST_LABELS) {
            let style = Style { size: 10.5, ..Style::small(MUTED) };
            places.write(area, &within(&point.label, style, LABEL), style, around(at(point), reach(point.marks)))?;
        }
        let marks = points.iter().fold(Marks::PLAIN, |all, point| all.and(point.marks));
        key::marks(area, marks, (SIDE, BOTTOM + 34))?;
        key.draw(area, (LEFT, BOTTOM + 54))
    })?;
    let about = about(&points, &plot.series, &roofs);
    Ok(Some(Chart { height, body, title: plot.title.clone(), about }))
}

/// Each roof from the left edge up its slope, and along its flat part to the right edge: the roofs with their corners.
fn draw_roofs<'r>(
    area: &Area<'_>,
    (x, y): (&Scale, &Scale),
    roofs: &'r [Roof],
    places: &mut Places,
) -> Result<Vec<(&'r Roof, Vec<Point>)>, ReportError> {
    let lines = roofs.iter().map(|roof| (roof, course(roof, (x, y))));
    let lines: Vec<(&'r Roof, Vec<Point>)> = lines.filter(|(_, course)| course.len() > 1).collect();
    for (roof, course) in &lines {
        let pen = match roof.kind {
            RoofKind::Measured => Pen::solid(INK, 2),
            RoofKind::Vendor => Pen::dashed(INK, 2),
        };
        path(area, course.clone(), pen)?;
        for pair in course.windows(2) {
            if let [from, to] = pair {
                places.take_line(*from, *to);
            }
        }
    }
    Ok(lines)
}

/// Writes its figures beside each roof, where no point is.
fn name_roofs(area: &Area<'_>, courses: &[(&Roof, Vec<Point>)], places: &mut Places) -> Result<(), ReportError> {
    for (roof, course) in courses {
        let said = match roof.kind {
            RoofKind::Measured => "measured",
            RoofKind::Vendor => "vendor",
        };
        let style = Style::small(INK);
        if let Some((rate, (_, level))) = roof.gflops.zip(course.last().copied()) {
            let along = [0, 1, 2].map(|step| RIGHT - 6 - 200 * step);
            let spots =
                along.into_iter().flat_map(|x| [((x, level - 12), HPos::Right), ((x, level + 12), HPos::Right)]);
            places.write(area, &format!("{said}: {}", units::gflops(rate)), style, spots)?;
        }
        if let (Some(rate), [from, to, ..]) = (roof.gbps, course.as_slice()) {
            // Along the slope, above it at the left or below it at the right.
            let spots = [2, 4, 6, 8, 1, 9].into_iter().flat_map(|tenth| {
                let at = |a: i32, b: i32| a + (b - a) * tenth / 10;
                let (x, y) = (at(from.0, to.0), at(from.1, to.1));
                [((x - 12, y - 6), HPos::Right), ((x + 12, y + 6), HPos::Left)]
            });
            places.write(area, &format!("{said}: {}", units::gbps(rate)), style, spots)?;
        }
    }
    Ok(())
}

/// The corners of a roof within the plot.
fn course(roof: &Roof, (x, y): (&Scale, &Scale)) -> Vec<Point> {
    let Some(gbps) = roof.gbps else {
        let level = roof.gflops.map(|gflops| y.at(gflops));
        return level.into_iter().flat_map(|level| [(LEFT, level), (RIGHT, level)]).collect();
    };
    let flat = roof.gflops.unwrap_or(f64::INFINITY);
    // Where the slope comes in, at the left or from below, and where it goes over into the flat part or out above.
    let start = x.low().max(y.low() / gbps);
    let end = x.high().min(y.high().min(flat) / gbps);
    let mut course = Vec::new();
    if start < end {
        course.extend([start, end].map(|intensity| (x.at(intensity), y.at(intensity * gbps))));
    }
    if flat.is_finite() && end < x.high() {
        if course.is_empty() {
            course.push((LEFT, y.at(flat)));
        }
        course.push((RIGHT, y.at(flat)));
    }
    course
}

fn about(points: &[&RoofPoint], series: &[String], roofs: &[Roof]) -> String {
    let best = points.iter().max_by(|a, b| a.gflops.total_cmp(&b.gflops));
    let best = best.map(|best| {
        let name = series.get(best.series).map_or("", String::as_str);
        format!("; the most is {} ({name})", units::gflops(best.gflops))
    });
    let measured = roofs.iter().filter(|roof| roof.kind == RoofKind::Measured).filter_map(|roof| roof.gflops);
    let roof = measured.reduce(f64::max).map(|rate| format!(", under a measured roof of {}", units::gflops(rate)));
    format!(
        "Arithmetic per time over FLOP for each byte, {}{}{}.",
        count(points.len(), "point"),
        best.unwrap_or_default(),
        roof.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roof_goes_up_its_slope_and_then_along() {
        let (x, y) =
            (Scale::fitted([0.01, 1000.0], LEFT, RIGHT).unwrap(), Scale::fitted([0.1, 100.0], BOTTOM, TOP).unwrap());
        let of = |gflops, gbps| course(&Roof { kind: RoofKind::Measured, gflops, gbps }, (&x, &y));
        let [start, ridge, end] = of(Some(100.0), Some(10.0)).try_into().unwrap();
        assert_eq!(start.1, BOTTOM, "it comes in from below");
        assert_eq!((ridge, end), ((x.at(10.0), y.at(100.0)), (RIGHT, y.at(100.0))));
        assert_eq!(of(Some(5.0), None), [(LEFT, y.at(5.0)), (RIGHT, y.at(5.0))]);
        assert_eq!(of(None, Some(10.0)).len(), 2, "out above");
        // So much traffic that the slope is beyond the left edge.
        assert_eq!(of(Some(5.0), Some(1e9)), [(LEFT, y.at(5.0)), (RIGHT, y.at(5.0))]);
        // So little that no case of the plot reaches the flat part.
        assert_eq!(of(Some(100.0), Some(0.01)).len(), 2);
    }
}
