//! What transfer costs: for each target the call alone beside the whole of upload, call and download. Bars begin at zero, so that
//! their parts can be compared; each case has an axis of its own.

use super::draw::{Area, Pen, Point, Style, drawn, filled, line, outline, stripes, text};
use super::fit::{width_px, within};
use super::marks::{Mark, Marks};
use super::tips::tip;
use super::{Chart, GRID, INK, MOST_ROWS, MUTED, PALETTE, PAPER, SIDE, WIDTH, axis, coordinate, count, key};
use crate::scale::round_up;
use crate::{ReportError, units};
use chipmark_results::estimate;
use plotters::style::RGBColor;

/// What stages show.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stages {
    /// What they are of.
    pub title: String,
    /// The cases.
    pub groups: Vec<StageGroup>,
}

/// A case: its rows share an axis.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StageGroup {
    /// The case.
    pub label: String,
    /// Its targets.
    pub rows: Vec<StageRow>,
}

/// A target.
#[derive(Debug, Clone, PartialEq)]
pub struct StageRow {
    /// The target.
    pub label: String,
    /// Its times, or the word that stands in their place.
    pub bars: Result<StageBars, String>,
    /// How far the times are to be trusted.
    pub marks: Marks,
}

/// Times of one call, in ns. The stages are each timed alone and need not add up to the whole.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct StageBars {
    /// The call alone, as mode latency has it.
    pub alone_ns: Option<f64>,
    /// Upload, call and download together.
    pub whole_ns: f64,
    /// Host to device.
    pub upload_ns: Option<f64>,
    /// The call within the transfer.
    pub call_ns: Option<f64>,
    /// Device to host.
    pub download_ns: Option<f64>,
    /// How many times as long as the call alone the whole takes.
    pub times_alone: Option<f64>,
}

impl StageBars {
    /// Of a transfer with its stages, beside the call alone.
    #[must_use]
    pub fn of(whole_ns: f64, stages: Option<estimate::Stages>, alone_ns: Option<f64>) -> Self {
        StageBars {
            alone_ns,
            whole_ns,
            upload_ns: stages.and_then(|stages| stages.upload_ns),
            call_ns: stages.and_then(|stages| stages.step_ns),
            download_ns: stages.and_then(|stages| stages.download_ns),
            times_alone: alone_ns.map(|alone_ns| whole_ns / alone_ns),
        }
    }

    fn parts(&self) -> [(usize, Option<f64>); 3] {
        [(0, self.upload_ns), (1, self.call_ns), (2, self.download_ns)]
    }

    /// The longest bar in ns.
    fn most_ns(&self) -> f64 {
        let parts: f64 = self.parts().iter().filter_map(|(_, ns)| sound(*ns)).sum();
        [Some(self.whole_ns), self.alone_ns].into_iter().filter_map(sound).fold(parts, f64::max)
    }
}

const LEFT: i32 = 170;
const RIGHT: i32 = 760;
const TOP: i32 = 30;
const HEADING: i32 = 26;
const ROW: i32 = 40;
const AXIS: i32 = 26;
const FOOT: i32 = 32;

/// What a part is called and drawn with: its colour, and stripes that rise or fall.
const PARTS: [(&str, RGBColor, Option<bool>); 3] =
    [("upload", PALETTE[5], Some(true)), ("call", PALETTE[0], None), ("download", PALETTE[1], Some(false))];

/// A time that can be a bar's length.
fn sound(ns: Option<f64>) -> Option<f64> {
    ns.filter(|ns| ns.is_finite() && *ns > 0.0).map(|ns| ns.min(1e18))
}

/// Draws them. Nothing if no row has times.
///
/// # Errors
/// When the drawing library refuses, which it does not for drawings in memory.
pub fn stages(plot: &Stages) -> Result<Option<Chart>, ReportError> {
    let mut room = MOST_ROWS;
    let mut groups: Vec<(&str, &[StageRow], f64)> = Vec::new();
    for group in &plot.groups {
        let rows = group.rows.get(..group.rows.len().min(room)).unwrap_or_default();
        room -= rows.len();
        let most = rows.iter().filter_map(|row| row.bars.as_ref().ok()).map(StageBars::most_ns).fold(0.0, f64::max);
        if most > 0.0 {
            groups.push((&group.label, rows, most));
        }
    }
    if groups.is_empty() {
        return Ok(None);
    }
    let heights = groups.iter().map(|(_, rows, _)| HEADING + coordinate(rows.len()) * ROW + AXIS);
    let bottom = TOP + heights.sum::<i32>();
    let height = (bottom + FOOT).unsigned_abs();
    let body = drawn((WIDTH, height), |area| {
        parts_key(area)?;
        let mut y = TOP;
        for (heading, rows, most) in &groups {
            let style = Style::body(INK).bold();
            text(area, &within(heading, style, SIDE), (0, y + HEADING / 2 + 2), style)?;
            y += HEADING;
            let axis_y = y + coordinate(rows.len()) * ROW;
            zero_axis(area, *most, (y, axis_y))?;
            for row in *rows {
                draw_row(area, row, *most, y)?;
                let name = format!("{heading}, {}", row.label);
                tip(area, [(0, y), (SIDE, y + ROW)], &[&name, &told(row), &row.marks.told()]);
                y += ROW;
            }
            y += AXIS;
        }
        axis::title(area, "time of one call, from zero; each case has its own axis", (LEFT, bottom + 12))?;
        let rows = groups.iter().flat_map(|(_, rows, _)| rows.iter()).filter(|row| row.bars.is_ok());
        key::marks(area, rows.fold(Marks::PLAIN, |all, row| all.and(row.marks)), (SIDE, bottom + 12))?;
        let more = plot.groups.iter().map(|group| group.rows.len()).sum::<usize>() - (MOST_ROWS - room);
        let more = if more > 0 { format!("{} more", count(more, "row")) } else { String::new() };
        text(area, &more, (0, bottom + 12), Style::small(MUTED).italic())
    })?;
    let about = about(&groups);
    Ok(Some(Chart { height, body, title: plot.title.clone(), about }))
}

/// The pixel of a time on an axis that begins at zero.
fn x(ns: f64, most: f64) -> i32 {
    let share = ns / most;
    let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
    LEFT + (share * f64::from(RIGHT - LEFT)).round() as i32
}

fn zero_axis(area: &Area<'_>, most: f64, (top, bottom): (i32, i32)) -> Result<(), ReportError> {
    let step = round_up(most / 6.0);
    for n in 0..7 {
        let ns = f64::from(n) * step;
        if ns > most {
            break;
        }
        line(area, (x(ns, most), top), (x(ns, most), bottom + 3), Pen::solid(GRID, 1))?;
        let label = if n == 0 { "0".to_owned() } else { axis::time(ns) };
        text(area, &label, (x(ns, most), bottom + 12), Style::small(MUTED).centred())?;
    }
    Ok(())
}

fn draw_row(area: &Area<'_>, row: &StageRow, most: f64, top: i32) -> Result<(), ReportError> {
    let (upper, lower) = (top + 9, top + 26);
    let style = Style::body(INK).right();
    text(area, &within(&row.label, style, LEFT - 14), (LEFT - 12, top + ROW / 2 - 2), style)?;
    let bars = match &row.bars {
        Ok(bars) => bars,
        Err(word) => {
            let style = Style::body(MUTED).italic();
            return text(area, &within(word, style, RIGHT - LEFT), (LEFT + 8, top + ROW / 2 - 2), style);
        }
    };
    let style = Style::small(INK);
    let label =
        |text_of: String, (x, middle): Point| text(area, &within(&text_of, style, SIDE - x), (x, middle), style);
    if let Some(ns) = sound(bars.alone_ns) {
        let corners = [(LEFT, upper - 5), (x(ns, most), upper + 5)];
        part(area, corners, 1, row.marks)?;
        label(format!("{} call alone", units::time(ns)), (x(ns, most) + 8, upper))?;
    }
    let mut sum = 0.0;
    for (at, ns) in bars.parts() {
        let Some(ns) = sound(ns) else { continue };
        part(area, [(x(sum, most), lower - 7), (x(sum + ns, most), lower + 7)], at, row.marks)?;
        sum += ns;
    }
    let mut right = x(sum, most);
    let mut told = String::new();
    if let Some(ns) = sound(Some(bars.whole_ns)) {
        let end = x(ns, most);
        line(area, (end, lower - 10), (end, lower + 10), Pen::solid(INK, 2))?;
        right = right.max(end);
        let times = sound(bars.times_alone).map(|times| format!(", {} the call alone", units::factor(times)));
        told = format!("{} whole{}", units::time(ns), times.unwrap_or_default());
    }
    label(told, (right + 8, lower))
}

/// A row in full.
fn told(row: &StageRow) -> String {
    let bars = match &row.bars {
        Ok(bars) => bars,
        Err(word) => return word.clone(),
    };
    let times = sound(bars.times_alone).map(|times| format!(", {} the call alone", units::factor(times)));
    let whole = sound(Some(bars.whole_ns)).map(|ns| format!("{} whole{}", units::time(ns), times.unwrap_or_default()));
    let parts = bars.parts().into_iter().filter_map(|(at, ns)| Some((PARTS.get(at)?.0, sound(ns)?)));
    let parts = parts.map(|(name, ns)| format!("{name} {}", units::time(ns)));
    let alone = sound(bars.alone_ns).map(|ns| format!("{} call alone", units::time(ns)));
    whole.into_iter().chain(parts).chain(alone).collect::<Vec<_>>().join(", ")
}

/// A part of a bar, with its own stripes and what the marks say.
fn part(area: &Area<'_>, corners: [Point; 2], at: usize, marks: Marks) -> Result<(), ReportError> {
    let Some((_, colour, lines)) = PARTS.get(at).copied() else { return Ok(()) };
    let is_hollow = marks.has(Mark::Imported);
    if is_hollow {
        outline(area, corners, Pen::solid(colour, 2))?;
    } else {
        filled(area, corners, colour)?;
    }
    if let Some(rising) = lines {
        stripes(area, corners, if is_hollow { colour } else { PAPER }, rising)?;
    }
    if marks.has(Mark::Doubtful) {
        outline(area, corners, Pen::dashed(INK, 1))?;
    }
    Ok(())
}

/// What each part is.
fn parts_key(area: &Area<'_>) -> Result<(), ReportError> {
    let style = Style::small(INK);
    let mut x = LEFT;
    for (at, (name, ..)) in PARTS.iter().enumerate() {
        part(area, [(x, 5), (x + 30, 17)], at, Marks::PLAIN)?;
        text(area, name, (x + 38, 11), style)?;
        x += 38 + width_px(name, style) + 22;
    }
    line(area, (x, 3), (x, 19), Pen::solid(INK, 2))?;
    text(area, "whole transfer, timed as one", (x + 8, 11), style)
}

fn about(groups: &[(&str, &[StageRow], f64)]) -> String {
    let rows = || groups.iter().flat_map(|(heading, rows, _)| rows.iter().map(move |row| (*heading, row)));
    let dearest = rows().filter_map(|(heading, row)| {
        let bars = row.bars.as_ref().ok()?;
        Some((heading, row, sound(bars.times_alone)?))
    });
    let dearest = dearest.max_by(|a, b| a.2.total_cmp(&b.2));
    let dearest = dearest.map(|(heading, row, ratio)| {
        format!("; at most it takes {} as long as the call alone ({}, {heading})", units::factor(ratio), row.label)
    });
    let of = count(rows().count(), "row");
    format!("The call alone beside upload, call and download, for {of}{}.", dearest.unwrap_or_default())
}
