//! Bars of ratios around 1 on a log axis: how many times as fast something is as a base, with the interval of that.

use super::draw::{Area, Pen, Style, bar, colour, drawn, line, text, whisker};
use super::fit::{width_px, within};
use super::marks::Marks;
use super::tips::tip;
use super::{Chart, INK, MOST_ROWS, MUTED, SIDE, WIDTH, axis, coordinate, count, key};
use crate::scale::Scale;
use crate::{ReportError, units};

/// What ratio bars show.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RatioBars {
    /// What they are of.
    pub title: String,
    /// What the ratios are over, such as `tch:cpu`.
    pub base: String,
    /// The rows.
    pub rows: Vec<RatioRow>,
}

/// A row, such as a target.
#[derive(Debug, Clone, PartialEq)]
pub struct RatioRow {
    /// What stands beside it.
    pub label: String,
    /// Its series, for its colour.
    pub series: usize,
    /// Its ratio, or the word that stands in its place.
    pub ratio: Result<RatioBar, String>,
    /// How far it is to be trusted.
    pub marks: Marks,
}

/// A ratio and what it is from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatioBar {
    /// How many times as fast as the base: the base's time over its own.
    pub ratio: f64,
    /// The ends of the 95% interval, where there is one.
    pub interval: Option<(f64, f64)>,
    /// From how many cases.
    pub cases: usize,
}

/// Where bars may begin, at the least and at the most: the longest label decides.
const LEAST_LEFT: i32 = 160;
const MOST_LEFT: i32 = 420;
const RIGHT: i32 = 750;
const TOP: i32 = 6;
const ROW: i32 = 28;
const HALF: i32 = 8;
const FOOT: i32 = 66;

/// Draws them. Nothing if no row has a ratio.
///
/// # Errors
/// When the drawing library refuses, which it does not for drawings in memory.
pub fn ratio_bars(plot: &RatioBars) -> Result<Option<Chart>, ReportError> {
    let rows = plot.rows.get(..plot.rows.len().min(MOST_ROWS)).unwrap_or_default();
    let sound =
        |row: &RatioRow| row.ratio.as_ref().ok().copied().filter(|bar| bar.ratio.is_finite() && bar.ratio > 0.0);
    if rows.iter().all(|row| sound(row).is_none()) {
        return Ok(None);
    }
    let ends = rows.iter().filter_map(sound).flat_map(|bar| {
        let interval = bar.interval.into_iter().flat_map(|(low, high)| [low, high]);
        interval.chain([bar.ratio])
    });
    let widest = rows.iter().map(|row| width_px(&row.label, Style::body(INK))).max().unwrap_or(0);
    let left = (widest + 14).clamp(LEAST_LEFT, MOST_LEFT);
    let Some(scale) = Scale::fitted(ends.chain([1.0]), left, RIGHT) else { return Ok(None) };
    let bottom = TOP + coordinate(rows.len()) * ROW + 4;
    let height = (bottom + FOOT).unsigned_abs();
    let body = drawn((WIDTH, height), |area| {
        axis::below(area, &scale, (TOP, bottom), axis::factor)?;
        for (at, row) in rows.iter().enumerate() {
            let middle = TOP + coordinate(at) * ROW + ROW / 2;
            let style = Style::body(INK).right();
            text(area, &within(&row.label, style, left - 14), (left - 12, middle), style)?;
            match (sound(row), &row.ratio) {
                (Some(ratio), _) => draw_bar(area, &scale, row, ratio, middle)?,
                (None, word) => {
                    let style = Style::body(MUTED).italic();
                    let word = within(word.as_ref().err().map_or("–", String::as_str), style, SIDE - scale.at(1.0) - 8);
                    text(area, &word, (scale.at(1.0) + 8, middle), style)?;
                }
            }
            let corners = [(0, middle - ROW / 2), (SIDE, middle + ROW / 2)];
            tip(area, corners, &[&row.label, &told(row, sound(row), &plot.base), &row.marks.told()]);
        }
        line(area, (scale.at(1.0), TOP), (scale.at(1.0), bottom + 4), Pen::solid(INK, 1))?;
        let title = format!("times as fast as {}, log scale; further right is faster", plot.base);
        axis::title(area, &title, (left, bottom + 34))?;
        let marks = rows.iter().filter(|row| sound(row).is_some()).fold(Marks::PLAIN, |all, row| all.and(row.marks));
        key::marks(area, marks, (SIDE, bottom + 54))?;
        let more = plot.rows.len() - rows.len();
        let more = if more > 0 { format!("{} more", count(more, "row")) } else { String::new() };
        text(area, &more, (0, bottom + 14), Style::small(MUTED).italic())
    })?;
    let ratios = rows.iter().filter_map(|row| Some((row, sound(row)?.ratio)));
    let (least, most) = (ratios.clone().min_by(|a, b| a.1.total_cmp(&b.1)), ratios.max_by(|a, b| a.1.total_cmp(&b.1)));
    let named = |found: Option<(&RatioRow, f64)>| {
        found.map(|(row, ratio)| format!("{} ({})", units::factor(ratio), row.label)).unwrap_or_default()
    };
    let about = format!("Times as fast as {}: from {} to {}.", plot.base, named(least), named(most));
    Ok(Some(Chart { height, body, title: plot.title.clone(), about }))
}

/// A row in full.
fn told(row: &RatioRow, bar: Option<RatioBar>, base: &str) -> String {
    let Some(bar) = bar else { return row.ratio.as_ref().err().cloned().unwrap_or_default() };
    let interval =
        bar.interval.map(|(low, high)| format!("95% interval {} to {}, ", units::factor(low), units::factor(high)));
    let cases = count(bar.cases, "case");
    format!("{} as fast as {base}, {}{cases}", units::factor(bar.ratio), interval.unwrap_or_default())
}

fn draw_bar(area: &Area<'_>, scale: &Scale, row: &RatioRow, of: RatioBar, middle: i32) -> Result<(), ReportError> {
    let (one, end) = (scale.at(1.0), scale.at(of.ratio));
    let corners = [(one.min(end), middle - HALF), (one.max(end), middle + HALF)];
    bar(area, corners, colour(row.series), row.marks)?;
    let mut right = one.max(end);
    if let Some((low, high)) = of.interval {
        let (low, high) = (scale.at(low), scale.at(high));
        whisker(area, (low.min(high), low.max(high)), middle, HALF - 3, row.marks)?;
        right = right.max(low).max(high);
    }
    let bare = |ratio: f64| units::factor(ratio).trim_end_matches('×').to_owned();
    let interval = of.interval.map(|(low, high)| format!(" ({}–{})", bare(low), bare(high))).unwrap_or_default();
    let label = format!("{}{interval}, {}", units::factor(of.ratio), count(of.cases, "case"));
    let style = Style::body(INK);
    text(area, &within(&label, style, SIDE - right - 10), (right + 10, middle), style)
}
