//! A heat map: rows by columns, in each cell how many times the fastest of its row it took, or a word where there is no time. Colour
//! goes from pale to dark with the logarithm of the ratio; the number stands in the cell, in black or white, whichever is read better.

use super::draw::{Area, Pen, Point, Style, drawn, filled, line, outline, path, refused, text};
use super::fit::{width_px, within};
use super::marks::{Mark, Marks};
use super::ramp::{ramp, readable_on};
use super::tips::tip;
use super::{Chart, GRID, INK, MOST_ROWS, MUTED, SIDE, WIDTH, axis, coordinate, count, key};
use crate::scale::round_up;
use crate::{ReportError, units};
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

/// What a heat map shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HeatMap {
    /// What it is of.
    pub title: String,
    /// What stands above the columns, such as targets.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<HeatRow>,
}

/// A row, such as a case.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HeatRow {
    /// What stands beside it.
    pub label: String,
    /// A cell for each column, in their order; none of a row that is a heading.
    pub cells: Vec<HeatCell>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum HeatCell {
    /// A time.
    Ratio {
        /// The time over that of the fastest of the row: at least 1.
        ratio: f64,
        /// Whether it is the fastest of several.
        fastest: bool,
        /// How far it is to be trusted.
        marks: Marks,
        /// What the pointer is told of it beside its place and its ratio, such as the time.
        told: String,
    },
    /// What stands in the place of a time, such as `unsupported` or `–`.
    Word(String),
}

/// Where the cells begin, at the least and at the most.
const LEAST_LEFT: i32 = 160;
const MOST_LEFT: i32 = 420;
const ROW: i32 = 26;
const NARROWEST: i32 = 48;
const WIDEST: i32 = 160;
const MOST_COLUMNS: usize = 15;
/// The highest head of columns whose names are read upwards.
const HIGHEST_HEAD: i32 = 150;
/// The key of colours, the marks, and what was left out.
const FOOT: i32 = 76;

/// The ratio from which on all is the darkest, at most.
const DARKEST: f64 = 20.0;

/// Draws it. Nothing if no cell has a ratio.
///
/// # Errors
/// When the drawing library refuses, which it does not for drawings in memory.
pub fn heat_map(map: &HeatMap) -> Result<Option<Chart>, ReportError> {
    let (rows, columns) = (map.rows.len().min(MOST_ROWS), map.columns.len().min(MOST_COLUMNS));
    let shown = || map.rows.iter().take(rows).flat_map(move |row| row.cells.iter().take(columns));
    let ratios = || shown().filter_map(|cell| Some(sound(cell)?.0));
    let Some(most) = ratios().reduce(f64::max) else { return Ok(None) };
    let darkest = round_up(most / (1.0 + 1e-9)).clamp(2.0, DARKEST);
    let labels = map.rows.iter().take(rows).filter(|row| !row.cells.is_empty());
    let widest = labels.map(|row| width_px(&row.label, Style::small(INK))).max().unwrap_or(0);
    let left = (widest + 12).clamp(LEAST_LEFT, MOST_LEFT).min(SIDE - coordinate(columns) * NARROWEST);
    let width = ((SIDE - left) / coordinate(columns).max(1)).clamp(NARROWEST, WIDEST);
    let head = Head::of(map.columns.iter().take(columns), width);
    let bottom = head.height + coordinate(rows) * ROW;
    let height = bottom + FOOT;
    let body = drawn((WIDTH, height.unsigned_abs()), |area| {
        head.draw(area, (left, width))?;
        let mut heading = "";
        for (at, row) in map.rows.iter().take(rows).enumerate() {
            let top = head.height + coordinate(at) * ROW;
            if row.cells.is_empty() {
                let style = Style::body(INK).bold();
                text(area, &within(&row.label, style, SIDE), (0, top + ROW / 2), style)?;
                heading = &row.label;
            } else {
                let style = Style::small(INK).right();
                text(area, &within(&row.label, style, left - 12), (left - 10, top + ROW / 2), style)?;
            }
            for ((at, cell), column) in row.cells.iter().take(columns).enumerate().zip(&map.columns) {
                let x = left + coordinate(at) * width;
                draw_cell(area, cell, darkest, (x, top), width)?;
                let (ratio, told) = told(cell);
                let name = format!("{}, {column}", row.label);
                tip(area, [(x, top), (x + width, top + ROW)], &[heading, &name, &ratio, told]);
            }
        }
        colours(area, darkest, most, (left, bottom + 12))?;
        let marks = shown().filter_map(sound).fold(Marks::PLAIN, |all, (_, _, marks)| all.and(marks));
        key::marks(area, marks, (SIDE, bottom + 58))?;
        let more = [(map.rows.len() - rows, "row"), (map.columns.len() - columns, "column")];
        let more: Vec<String> = more.iter().filter(|(n, _)| *n > 0).map(|(n, what)| count(*n, what)).collect();
        let more = if more.is_empty() { String::new() } else { format!("{} more", more.join(" and ")) };
        text(area, &more, (0, bottom + 18), Style::small(MUTED).italic())
    })?;
    let about = about(map, rows, columns);
    Ok(Some(Chart { height: height.unsigned_abs(), body, title: map.title.clone(), about }))
}

/// The ratio of a cell, whether it is the fastest, and its marks; nothing of a word, or of what is no ratio.
fn sound(cell: &HeatCell) -> Option<(f64, bool, Marks)> {
    match cell {
        HeatCell::Ratio { ratio, fastest, marks, .. } if ratio.is_finite() && *ratio > 0.0 => {
            Some((ratio.max(1.0), *fastest, *marks))
        }
        _ => None,
    }
}

/// The names of the columns.
struct Head {
    names: Vec<String>,
    height: i32,
    is_upwards: bool,
}

impl Head {
    /// Beside each other where each is within its column, else upwards.
    fn of<'a>(names: impl Iterator<Item = &'a String>, width: i32) -> Self {
        let names: Vec<&str> = names.map(String::as_str).collect();
        let widest = names.iter().map(|name| width_px(name, Style::small(INK))).max().unwrap_or(0);
        let is_upwards = widest > width - 6;
        let height = if is_upwards { widest.min(HIGHEST_HEAD) + 14 } else { 26 };
        let room = if is_upwards { HIGHEST_HEAD } else { width };
        let names = names.into_iter().map(|name| within(name, Style::small(INK), room)).collect();
        Head { names, height, is_upwards }
    }

    fn draw(&self, area: &Area<'_>, (left, width): (i32, i32)) -> Result<(), ReportError> {
        for (at, name) in self.names.iter().enumerate() {
            let middle = left + coordinate(at) * width + width / 2;
            let style = Style { anchor: HPos::Center, ..Style::small(INK) };
            if self.is_upwards {
                let style = Style { upwards: true, anchor: HPos::Left, ..style };
                text(area, name, (middle, self.height - 8), style)?;
            } else {
                text(area, name, (middle, self.height / 2), style)?;
            }
        }
        Ok(())
    }
}

fn draw_cell(
    area: &Area<'_>,
    cell: &HeatCell,
    darkest: f64,
    (left, top): Point,
    width: i32,
) -> Result<(), ReportError> {
    let corners = [(left + 2, top + 2), (left + width - 2, top + ROW - 2)];
    let middle = (left + width / 2, top + ROW / 2);
    let Some((ratio, fastest, marks)) = sound(cell) else {
        let word = if let HeatCell::Word(word) = cell { word.as_str() } else { "–" };
        outline(area, corners, Pen::solid(GRID, 1))?;
        let style = Style { size: 10.5, ..Style::small(MUTED).italic().centred() };
        return text(area, &within(word, style, width - 6), middle, style);
    };
    let share = ratio.ln() / darkest.ln();
    let ground = ramp(share);
    let is_hollow = marks.has(Mark::Imported);
    let ink = if is_hollow { INK } else { readable_on(ground) };
    if is_hollow {
        // A line alone must be seen on paper, light or dark.
        outline(area, corners, Pen::solid(ramp(share.clamp(0.3, 0.65)), 2))?;
    } else {
        filled(area, corners, ground)?;
    }
    let [(_, upper), (right, lower)] = corners;
    if marks.has(Mark::Composed) {
        let corner = vec![(right - 11, upper), (right, upper), (right, upper + 11)];
        area.draw(&Polygon::new(corner, ink.filled())).map_err(refused)?;
    }
    if marks.has(Mark::Doubtful) {
        line(area, (left + 8, lower - 5), (right - 6, lower - 5), Pen::dashed(ink, 1))?;
    }
    if fastest {
        outline(area, [(left + 4, top + 4), (left + width - 4, top + ROW - 4)], Pen::solid(ink, 2))?;
    }
    let style = Style { bold: fastest, ..Style::small(ink).centred() };
    text(area, &shown_ratio(ratio), (middle.0, middle.1 - 1), style)
}

/// The ratio of a cell in words, or the word in its place, and what is told beside it.
fn told(cell: &HeatCell) -> (String, &str) {
    match cell {
        HeatCell::Ratio { ratio, fastest, told, .. } if sound(cell).is_some() => {
            let fastest = if *fastest { ", the fastest of its row" } else { "" };
            (format!("{} the time of the fastest{fastest}", units::factor(ratio.max(1.0))), told)
        }
        HeatCell::Word(word) => (word.clone(), ""),
        HeatCell::Ratio { .. } => (String::new(), ""),
    }
}

fn shown_ratio(ratio: f64) -> String {
    match ratio {
        ratio if ratio < 99.95 => format!("{ratio:.1}×"),
        ratio if ratio < 9999.5 => format!("{ratio:.0}×"),
        _ => ">9999×".to_owned(),
    }
}

/// What each colour means, and what the marks of a cell are.
fn colours(area: &Area<'_>, darkest: f64, most: f64, (left, top): Point) -> Result<(), ReportError> {
    const STEPS: i32 = 40;
    const STEP: i32 = 6;
    for step in 0..STEPS {
        let x = left + step * STEP;
        let share = f64::from(step) / f64::from(STEPS - 1);
        filled(area, [(x, top), (x + STEP, top + 10)], ramp(share))?;
    }
    for tick in [1.0, 2.0, 5.0, 10.0, 20.0].into_iter().filter(|tick| *tick <= darkest) {
        let x = left + (tick.ln() / darkest.ln() * f64::from(STEPS * STEP)).round() as i32;
        let is_last = tick >= darkest && most > darkest;
        path(area, vec![(x, top), (x, top + 13)], Pen::solid(INK, 1))?;
        let label = axis::factor(tick) + if is_last { " or more" } else { "" };
        let style = Style::small(MUTED).centred();
        let (x, style) = if is_last { (x - 10, Style { anchor: HPos::Left, ..style }) } else { (x, style) };
        text(area, &label, (x, top + 21), style)?;
    }
    axis::title(area, "time over that of the fastest of the row", (left + STEPS * STEP + 60, top + 5))?;
    let fastest = HeatCell::Ratio { ratio: 1.0, fastest: true, marks: Marks::PLAIN, told: String::new() };
    draw_cell(area, &fastest, darkest, (left - 2, top + 34), NARROWEST)?;
    axis::title(area, "fastest of its row", (left + NARROWEST + 8, top + 34 + ROW / 2))
}

fn about(map: &HeatMap, rows: usize, columns: usize) -> String {
    let cells = map.rows.iter().take(rows).flat_map(|row| {
        let cells = row.cells.iter().zip(&map.columns).take(columns);
        cells.filter_map(move |(cell, column)| Some((row, column, sound(cell)?.0)))
    });
    let slowest = cells.max_by(|a, b| a.2.total_cmp(&b.2));
    let slowest = slowest.map(|(row, column, ratio)| format!("{} ({column}, {})", shown_ratio(ratio), row.label));
    let rows = map.rows.iter().take(rows).filter(|row| !row.cells.is_empty()).count();
    let (rows, columns) = (count(rows, "row"), count(columns, "column"));
    format!("Times over the fastest of each row, {rows} by {columns}: at most {}.", slowest.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_short() {
        let shown = [1.0, 3.44, 99.96, 1234.4, 1e300].map(shown_ratio);
        assert_eq!(shown, ["1.0×", "3.4×", "100×", "1234×", ">9999×"]);
    }
}
