//! Bars: one for each target of each case of a workload on a log axis, the range over launches as a whisker, a word where there is no
//! time, and the stages of a transfer below.

use super::draw::{Area, Style, bar, colour, drawn, filled, marker, text, whisker};
use super::fit::{width_px, within};
use super::marks::Marks;
use super::tips::tip;
use super::{Chart, INK, MUTED, SIDE, WIDTH, axis};
use crate::model::{CaseRow, CellView, WorkloadGroup};
use crate::scale::Scale;
use crate::{ReportError, units, words};
use chipmark_core::Target;

const LEFT: i32 = 170;
const RIGHT: i32 = 700;
const TOP: i32 = 6;
const AXIS_HEIGHT: i32 = 46;
const CASE_HEIGHT: i32 = 26;
const BAR_HEIGHT: i32 = 24;
const STAGE_HEIGHT: i32 = 15;
const CASE_GAP: i32 = 10;

/// Draws the cases of a workload in one mode. Nothing if no cell has a time.
///
/// # Errors
/// When the drawing library refuses, which it does not for drawings in memory.
pub fn bars(workload: &WorkloadGroup, targets: &[Target]) -> Result<Option<Chart>, ReportError> {
    let Some(scale) = Scale::over(times_ns(workload), LEFT, RIGHT) else { return Ok(None) };
    let height = TOP + workload.cases.iter().map(case_height).sum::<i32>() + AXIS_HEIGHT;
    let body = drawn((WIDTH, height.unsigned_abs()), |area| {
        let bottom = height - AXIS_HEIGHT;
        axis::below(area, &scale, (TOP, bottom), axis::time)?;
        axis::title(area, "time of one call, log scale; shorter is better", (LEFT, bottom + 34))?;
        let mut y = TOP;
        for case in &workload.cases {
            draw_case(area, &scale, case, targets, y)?;
            y += case_height(case);
        }
        Ok(())
    })?;
    let mode = workload.cases.first().and_then(|case| case.cells.first()).map(|cell| cell.result.cell.mode);
    let title = mode.map_or_else(|| workload.workload.clone(), |mode| format!("{}, {mode}", workload.workload));
    Ok(Some(Chart { height: height.unsigned_abs(), body, title, about: about(workload) }))
}

/// The marker of the target at this place, alone: for legends. 16 × 16 pixels.
///
/// # Errors
/// As [`bars`].
pub fn swatch(target: usize) -> Result<String, ReportError> {
    drawn((16, 16), |area| marker(area, target, (8, 8), 6, Marks::PLAIN))
}

/// Every time that the chart shows, in ns.
fn times_ns(workload: &WorkloadGroup) -> impl Iterator<Item = f64> + '_ {
    let cells = workload.cases.iter().flat_map(|case| &case.cells);
    cells.filter_map(|cell| cell.result.estimate.as_ref()).flat_map(|estimate| {
        let stages = estimate.stages.iter().flat_map(|stages| [stages.upload_ns, stages.step_ns, stages.download_ns]);
        [estimate.low_ns, estimate.high_ns].into_iter().chain(stages.flatten())
    })
}

/// What the chart shows, with its extremes.
fn about(workload: &WorkloadGroup) -> String {
    let cells = || workload.cases.iter().flat_map(|case| case.cells.iter().map(move |cell| (case, cell)));
    let timed = cells().filter_map(|(case, cell)| Some((case, cell, cell.result.estimate.as_ref()?.median_ns)));
    let name = |(case, cell, ns): (&CaseRow, &CellView, f64)| {
        format!("{} ({}, {})", units::time(ns), cell.result.cell.target, case.case.label)
    };
    let least = timed.clone().min_by(|a, b| a.2.total_cmp(&b.2)).map(name).unwrap_or_default();
    let most = timed.max_by(|a, b| a.2.total_cmp(&b.2)).map(name).unwrap_or_default();
    let of = super::count(workload.cases.len(), "case");
    format!("Bars of the time of one call by target, for {of} of {}: from {least} to {most}.", workload.workload)
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

fn draw_case(area: &Area<'_>, scale: &Scale, case: &CaseRow, targets: &[Target], top: i32) -> Result<(), ReportError> {
    let title = format!("{} · {}", case.case.label, case.case.dtype);
    let style = Style::body(INK).bold();
    text(area, &within(&title, style, SIDE - 160), (0, top + CASE_HEIGHT / 2 + 2), style)?;
    let best = case.best.map(|best| format!("best: {}", units::rate(best))).unwrap_or_default();
    text(area, &best, (SIDE, top + CASE_HEIGHT / 2 + 2), Style::small(MUTED).right())?;
    let mut y = top + CASE_HEIGHT;
    for (at, (cell, target)) in case.cells.iter().zip(targets).enumerate() {
        draw_cell(area, scale, cell, (at, target), y)?;
        let next = y + cell_height(cell);
        let parts: Vec<String> =
            stages(cell).into_iter().map(|(stage, ns)| format!("{stage} {}", units::time(ns))).collect();
        let told = [format!("{}, {target}", case.case), words::cell(cell), parts.join(", ")];
        tip(area, [(0, y), (SIDE, next)], &told.each_ref().map(String::as_str));
        y = next;
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
    let name = Style { bold: cell.fastest, ..Style::body(INK).right() };
    text(area, &within(&target.to_string(), name, LEFT - 30), (LEFT - 28, middle), name)?;
    marker(area, at, (LEFT - 14, middle), 5, Marks::PLAIN)?;
    let Some(estimate) = &cell.result.estimate else {
        let word = format!("{}{}", cell.result.outcome, notes(cell));
        return text(area, &word, (LEFT + 8, middle), Style::body(MUTED).italic());
    };

    let (end, half, marks) = (scale.at(estimate.median_ns), BAR_HEIGHT / 2 - 5, Marks::of(cell));
    bar(area, [(LEFT, middle - half), (end, middle + half)], colour(at), marks)?;
    let (low, high) = (scale.at(estimate.low_ns), scale.at(estimate.high_ns));
    if estimate.launches > 1 {
        whisker(area, (low, high), middle, half - 2, marks)?;
    }
    let range = estimate.half_range().map(|share| format!(" {}", units::plus_minus(share))).unwrap_or_default();
    let flags = cell.result.flags.iter().map(|flag| words::flag(*flag));
    let tags = cell.composed.then_some("composed").into_iter().chain(flags).map(|mark| format!(" {mark}"));
    let label = format!("{}{range}{}{}", units::time(estimate.median_ns), tags.collect::<String>(), notes(cell));
    let x = high.max(end) + 10;
    let style = Style { bold: cell.fastest, ..Style::body(INK) };
    let small = Style { size: 11.0, ..style };
    let style = if width_px(&label, style) > SIDE - x { small } else { style };
    text(area, &within(&label, style, SIDE - x), (x, middle), style)?;

    for (row, (stage, ns)) in (0i32..).zip(stages(cell)) {
        let middle = top + BAR_HEIGHT + row * STAGE_HEIGHT + STAGE_HEIGHT / 2 - 1;
        text(area, stage, (LEFT - 28, middle), Style::small(MUTED).right())?;
        let end = scale.at(ns);
        filled(area, [(LEFT, middle - 3), (end, middle + 3)], colour(at))?;
        text(area, &units::time(ns), (end + 8, middle), Style::small(MUTED))?;
    }
    Ok(())
}

/// The numbers of a cell's footnotes, such as ` [1] [3]`.
fn notes(cell: &CellView) -> String {
    cell.footnotes.iter().map(|note| format!(" [{}]", note + 1)).collect()
}
