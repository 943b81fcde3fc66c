//! Bar charts as SVG: a bar for each target of each case on a log axis, the range over launches as a whisker, a word
//! where there is no time. Colours that a page's style replaces by its own for light and dark are named here.

mod curve;

pub use curve::power_curve;

use crate::model::{CaseRow, CellView, WorkloadGroup};
use crate::scale::Scale;
use crate::{ReportError, units, words};
use chipmark_core::Target;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// The palette of Okabe and Ito (Color Universal Design, 2008), told apart with any colour vision; its black, which a dark
/// page would swallow, left out and its yellow last.
pub const PALETTE: [RGBColor; 7] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0xf0, 0xe4, 0x42),
];

/// The colour of text and whiskers. A page replaces it by its own.
pub const INK: RGBColor = RGBColor(0x22, 0x22, 0x23);
/// The colour of lesser text. A page replaces it by its own.
pub const MUTED: RGBColor = RGBColor(0x5c, 0x5c, 0x66);
/// The colour of grid lines. A page replaces it by its own.
pub const GRID: RGBColor = RGBColor(0xdd, 0xdd, 0xe2);
/// The colour of what shows through a bar. A page replaces it by its own.
pub const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xfe);

/// A chart's width in pixels.
pub const WIDTH: u32 = 1000;
const LEFT: i32 = 170;
const RIGHT: i32 = 700;
const TOP: i32 = 6;
const AXIS_HEIGHT: i32 = 46;
const CASE_HEIGHT: i32 = 26;
const BAR_HEIGHT: i32 = 24;
const STAGE_HEIGHT: i32 = 15;
const CASE_GAP: i32 = 10;
/// plotters writes a font size of s as s / 1.24.
const FONT_SCALE: f64 = 1.24;

/// A chart: a whole SVG document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// Its height in pixels.
    pub height: u32,
    /// The elements within the `<svg>` element.
    pub body: String,
}

impl Chart {
    /// The chart as a document of its own.
    #[must_use]
    pub fn document(&self) -> String {
        let (height, body) = (self.height, &self.body);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} \
             {height}\">\n{body}</svg>\n"
        )
    }
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Draws the cases of a workload in one mode. Nothing if no cell has a time.
///
/// # Errors
/// When the drawing library refuses, which it does not for drawings in memory.
pub fn bars(workload: &WorkloadGroup, targets: &[Target]) -> Result<Option<Chart>, ReportError> {
    let Some(scale) = Scale::over(times_ns(workload), LEFT, RIGHT) else { return Ok(None) };
    let height = TOP + workload.cases.iter().map(case_height).sum::<i32>() + AXIS_HEIGHT;
    let height = u32::try_from(height).unwrap_or(u32::MAX);
    let body = drawn((WIDTH, height), |area| {
        axis(area, &scale, i32::try_from(height).unwrap_or(i32::MAX) - AXIS_HEIGHT)?;
        let mut y = TOP;
        for case in &workload.cases {
            draw_case(area, &scale, case, targets, y)?;
            y += case_height(case);
        }
        Ok(())
    })?;
    Ok(Some(Chart { height, body }))
}

/// The marker of the target at this place, alone: for legends. 16 × 16 pixels.
///
/// # Errors
/// As [`bars`].
pub fn swatch(target: usize) -> Result<String, ReportError> {
    drawn((16, 16), |area| marker(area, target, (8, 8), 6))
}

/// The elements that `draw` draws, without the `<svg>` element around them.
fn drawn(size: (u32, u32), draw: impl FnOnce(&Area<'_>) -> Result<(), ReportError>) -> Result<String, ReportError> {
    let mut document = String::new();
    {
        let area = SVGBackend::with_string(&mut document, size).into_drawing_area();
        draw(&area)?;
        area.present().map_err(refused)?;
    }
    let body = document.split_once(">\n").map_or("", |(_, body)| body);
    Ok(body.strip_suffix("</svg>\n").unwrap_or(body).to_owned())
}

fn refused(error: impl std::fmt::Display) -> ReportError {
    ReportError::Draw { what: error.to_string() }
}

/// Every time that the chart shows, in ns.
fn times_ns(workload: &WorkloadGroup) -> impl Iterator<Item = f64> + '_ {
    let cells = workload.cases.iter().flat_map(|case| &case.cells);
    cells.filter_map(|cell| cell.result.estimate.as_ref()).flat_map(|estimate| {
        let stages = estimate.stages.iter().flat_map(|stages| [stages.upload_ns, stages.step_ns, stages.download_ns]);
        [estimate.low_ns, estimate.high_ns].into_iter().chain(stages.flatten())
    })
}

fn case_height(case: &CaseRow) -> i32 {
    CASE_HEIGHT + case.cells.iter().map(cell_height).sum::<i32>() + CASE_GAP
}

fn cell_height(cell: &CellView) -> i32 {
    BAR_HEIGHT + i32::try_from(stages(cell).len()).unwrap_or(0) * STAGE_HEIGHT
}

fn stages(cell: &CellView) -> Vec<(&'static str, f64)> {
    let stages = cell.result.estimate.as_ref().and_then(|estimate| estimate.stages);
    let named = stages
        .into_iter()
        .flat_map(|stages| [("upload", stages.upload_ns), ("call", stages.step_ns), ("download", stages.download_ns)]);
    named.filter_map(|(name, ns)| ns.filter(|ns| *ns > 0.0).map(|ns| (name, ns))).collect()
}

fn axis(area: &Area<'_>, scale: &Scale, bottom: i32) -> Result<(), ReportError> {
    for tick in scale.ticks() {
        let x = scale.x(tick);
        line(area, (x, TOP), (x, bottom + 4), GRID, 1)?;
        text(area, &units::round_time(tick), (x, bottom + 14), Style { anchor: HPos::Center, ..Style::small(MUTED) })?;
    }
    let title = "time of one call, log scale; shorter is better";
    text(area, title, (LEFT, bottom + 34), Style::small(MUTED))
}

fn draw_case(area: &Area<'_>, scale: &Scale, case: &CaseRow, targets: &[Target], top: i32) -> Result<(), ReportError> {
    let title = format!("{} · {}", case.case.label, case.case.dtype);
    text(area, &title, (0, top + CASE_HEIGHT / 2 + 2), Style { bold: true, ..Style::body(INK) })?;
    let best = case.best.map(|best| format!("best: {}", units::rate(best))).unwrap_or_default();
    let right = i32::try_from(WIDTH).unwrap_or(0);
    text(area, &best, (right, top + CASE_HEIGHT / 2 + 2), Style { anchor: HPos::Right, ..Style::small(MUTED) })?;
    let mut y = top + CASE_HEIGHT;
    for (at, (cell, target)) in case.cells.iter().zip(targets).enumerate() {
        draw_cell(area, scale, cell, (at, target), y)?;
        y += cell_height(cell);
    }
    Ok(())
}

fn draw_cell(
    area: &Area<'_>,
    scale: &Scale,
    cell: &CellView,
    (at, target): (usize, &Target),
    top: i32,
) -> Result<(), ReportError> {
    let middle = top + BAR_HEIGHT / 2;
    let name = Style { anchor: HPos::Right, bold: cell.fastest, ..Style::body(INK) };
    text(area, &target.to_string(), (LEFT - 28, middle), name)?;
    marker(area, at, (LEFT - 14, middle), 5)?;
    let Some(estimate) = &cell.result.estimate else {
        let word = format!("{}{}", cell.result.outcome, notes(cell));
        return text(area, &word, (LEFT + 8, middle), Style { italic: true, ..Style::body(MUTED) });
    };

    let (end, half) = (scale.x(estimate.median_ns), BAR_HEIGHT / 2 - 5);
    let bar = [(LEFT, middle - half), (end, middle + half)];
    area.draw(&Rectangle::new(bar, colour(at).filled())).map_err(refused)?;
    if cell.composed {
        hatch(area, bar)?;
    }
    let (low, high) = (scale.x(estimate.low_ns), scale.x(estimate.high_ns));
    if estimate.launches > 1 {
        line(area, (low, middle), (high, middle), INK, 1)?;
        for x in [low, high] {
            line(area, (x, middle - half + 2), (x, middle + half - 2), INK, 1)?;
        }
    }
    let range = estimate.half_range().map(|share| format!(" {}", units::plus_minus(share))).unwrap_or_default();
    let flags = cell.result.flags.iter().map(|flag| words::flag(*flag));
    let marks = cell.composed.then_some("composed").into_iter().chain(flags).map(|mark| format!(" {mark}"));
    let label = format!("{}{range}{}{}", units::time(estimate.median_ns), marks.collect::<String>(), notes(cell));
    let place = (high.max(end) + 10, middle);
    text(area, &label, place, Style { bold: cell.fastest, ..Style::body(INK) })?;

    for (row, (stage, ns)) in (0i32..).zip(stages(cell)) {
        let middle = top + BAR_HEIGHT + row * STAGE_HEIGHT + STAGE_HEIGHT / 2 - 1;
        text(area, stage, (LEFT - 28, middle), Style { anchor: HPos::Right, ..Style::small(MUTED) })?;
        let end = scale.x(ns);
        let bar = [(LEFT, middle - 3), (end, middle + 3)];
        area.draw(&Rectangle::new(bar, colour(at).mix(0.55).filled())).map_err(refused)?;
        text(area, &units::time(ns), (end + 8, middle), Style::small(MUTED))?;
    }
    Ok(())
}

/// The numbers of a cell's footnotes, such as ` [1] [3]`.
fn notes(cell: &CellView) -> String {
    cell.footnotes.iter().map(|note| format!(" [{}]", note + 1)).collect()
}

fn colour(target: usize) -> RGBColor {
    PALETTE.get(target % PALETTE.len()).copied().unwrap_or(INK)
}

/// Stripes of paper across a bar: the cue for `composed`.
fn hatch(area: &Area<'_>, [(left, top), (right, bottom)]: [(i32, i32); 2]) -> Result<(), ReportError> {
    let rise = bottom - top;
    let mut x = left + 4;
    while x + rise <= right {
        line(area, (x, bottom), (x + rise, top), PAPER, 2)?;
        x += 8;
    }
    Ok(())
}

/// The second cue beside colour: a shape for each target.
fn marker(area: &Area<'_>, target: usize, (x, y): (i32, i32), size: i32) -> Result<(), ReportError> {
    let shape = match target % 5 {
        0 => {
            area.draw(&Circle::new((x, y), size, colour(target).filled())).map_err(refused)?;
            return area.draw(&Circle::new((x, y), size, INK.stroke_width(1))).map_err(refused);
        }
        1 => vec![(x - size, y - size), (x + size, y - size), (x + size, y + size), (x - size, y + size)],
        2 => vec![(x, y - size - 1), (x + size + 1, y), (x, y + size + 1), (x - size - 1, y)],
        3 => vec![(x, y - size), (x + size, y + size), (x - size, y + size)],
        _ => vec![(x - size, y - size), (x + size, y - size), (x, y + size)],
    };
    area.draw(&Polygon::new(shape.clone(), colour(target).filled())).map_err(refused)?;
    let closed = shape.iter().chain(shape.first()).copied().collect::<Vec<_>>();
    area.draw(&PathElement::new(closed, INK.stroke_width(1))).map_err(refused)
}

fn line(area: &Area<'_>, from: (i32, i32), to: (i32, i32), colour: RGBColor, width: u32) -> Result<(), ReportError> {
    area.draw(&PathElement::new(vec![from, to], colour.stroke_width(width))).map_err(refused)
}

/// How a text looks.
#[derive(Clone, Copy)]
struct Style {
    size: f64,
    colour: RGBColor,
    anchor: HPos,
    bold: bool,
    italic: bool,
}

impl Style {
    fn body(colour: RGBColor) -> Self {
        Style { size: 12.5, colour, anchor: HPos::Left, bold: false, italic: false }
    }

    fn small(colour: RGBColor) -> Self {
        Style { size: 11.5, ..Style::body(colour) }
    }
}

fn text(area: &Area<'_>, text: &str, at: (i32, i32), style: Style) -> Result<(), ReportError> {
    if text.is_empty() {
        return Ok(());
    }
    let cut = shortened(text);
    let weight = match (style.bold, style.italic) {
        (true, _) => FontStyle::Bold,
        (false, true) => FontStyle::Italic,
        (false, false) => FontStyle::Normal,
    };
    let font = FontDesc::new(FontFamily::SansSerif, style.size * FONT_SCALE, weight).color(&style.colour);
    area.draw(&Text::new(cut, at, font.pos(Pos::new(style.anchor, VPos::Center)))).map_err(refused)
}

/// A text that stays within the chart; the table under it has it in full.
fn shortened(text: &str) -> String {
    const MAX_CHARS: usize = 90;
    if text.chars().count() <= MAX_CHARS {
        return text.to_owned();
    }
    text.chars().take(MAX_CHARS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
