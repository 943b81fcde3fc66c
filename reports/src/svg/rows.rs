//! Rows under headings along one axis, as strips and grouped bars have them: where they stand, what is beside them, and what is below.

use super::draw::{Area, Style, drawn, marker, text};
use super::fit::{width_px, within};
use super::marks::{Mark, Marks};
use super::strip::{StripGroup, StripRow, StripTimes};
use super::tips::tip;
use super::{INK, MOST_ROWS, MUTED, SIDE, WIDTH, coordinate, count, key};
use crate::{ReportError, units};

pub(super) const TOP: i32 = 6;
const HEADING: i32 = 26;
const ROW: i32 = 22;
const GAP: i32 = 8;
const FOOT: i32 = 66;

/// Where an axis may begin, at the least and at the most, and what the marker beside a name takes of it.
const LEAST_LEFT: i32 = 170;
const MOST_LEFT: i32 = 400;
const BESIDE: i32 = 40;

/// The rows that are shown, by heading.
pub(super) struct Rows<'a> {
    groups: Vec<(&'a str, &'a [StripRow])>,
    /// How many there are more.
    more: usize,
}

impl<'a> Rows<'a> {
    /// As many as are shown.
    pub(super) fn first(all: &'a [StripGroup]) -> Self {
        let mut room = MOST_ROWS;
        let mut groups = Vec::new();
        for group in all {
            let rows = group.rows.get(..group.rows.len().min(room)).unwrap_or_default();
            room -= rows.len();
            if !rows.is_empty() {
                groups.push((group.label.as_str(), rows));
            }
        }
        let all: usize = all.iter().map(|group| group.rows.len()).sum();
        Rows { groups, more: all - (MOST_ROWS - room) }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'a StripRow> {
        self.groups.iter().flat_map(|(_, rows)| rows.iter())
    }

    /// Where the axis begins: as far from the left as the longest name takes, within bounds.
    pub(super) fn left(&self) -> i32 {
        let widest = self.iter().map(|row| width_px(&row.label, Style::small(INK))).max().unwrap_or(0);
        (widest + BESIDE).clamp(LEAST_LEFT, MOST_LEFT)
    }

    /// The times of those that have any.
    pub(super) fn times(&self) -> impl Iterator<Item = &'a StripTimes> {
        self.iter().filter_map(|row| row.times.as_ref().ok())
    }

    /// Draws the axis down to `bottom`, each row around its middle line, and below them the marks and what is left out: the chart's
    /// height in pixels and its elements.
    pub(super) fn drawn(
        &self,
        axis: impl FnOnce(&Area<'_>, i32) -> Result<(), ReportError>,
        row: impl Fn(&Area<'_>, &StripRow, i32) -> Result<(), ReportError>,
    ) -> Result<(u32, String), ReportError> {
        let heading_height = |heading: &str| if heading.is_empty() { 0 } else { HEADING };
        let of_group =
            |(heading, rows): &(&str, &[StripRow])| heading_height(heading) + coordinate(rows.len()) * ROW + GAP;
        let bottom = TOP + self.groups.iter().map(of_group).sum::<i32>();
        let height = (bottom + FOOT).unsigned_abs();
        let body = drawn((WIDTH, height), |area| {
            axis(area, bottom)?;
            let mut y = TOP;
            for (heading, rows) in &self.groups {
                if !heading.is_empty() {
                    let style = Style::body(INK).bold();
                    text(area, &within(heading, style, SIDE), (0, y + HEADING / 2 + 2), style)?;
                }
                y += heading_height(heading);
                for one in *rows {
                    row(area, one, y + ROW / 2)?;
                    let name = [*heading, &one.label].into_iter().filter(|part| !part.is_empty());
                    tip(area, [(0, y), (SIDE, y + ROW)], &[&name.collect::<Vec<_>>().join(", "), &one.told]);
                    y += ROW;
                }
                y += GAP;
            }
            let timed = self.iter().filter(|row| row.times.is_ok());
            key::marks(area, timed.fold(Marks::PLAIN, |all, row| all.and(row.marks)), (SIDE, bottom + 54))?;
            let more = if self.more > 0 { format!("{} more", count(self.more, "row")) } else { String::new() };
            text(area, &more, (0, bottom + 14), Style::small(MUTED).italic())
        })?;
        Ok((height, body))
    }
}

/// Draws a row's name and marker left of its axis, and the word that stands in the place of its times. Its times, if it has any.
pub(super) fn named<'r>(
    area: &Area<'_>,
    row: &'r StripRow,
    (left, right): (i32, i32),
    middle: i32,
    (size, marks): (i32, Marks),
) -> Result<Option<&'r StripTimes>, ReportError> {
    let style = Style::small(INK).right();
    text(area, &within(&row.label, style, left - BESIDE), (left - 36, middle), style)?;
    marker(area, row.series, (left - 20, middle), size, marks)?;
    match &row.times {
        Ok(times) => Ok(Some(times)),
        Err(word) => {
            let style = Style::small(MUTED).italic();
            text(area, &within(word, style, right - left), (left + 8, middle), style)?;
            Ok(None)
        }
    }
}

/// Writes a row's time with its range from `x` on.
pub(super) fn time(
    area: &Area<'_>,
    row: &StripRow,
    times: &StripTimes,
    (x, middle): (i32, i32),
) -> Result<(), ReportError> {
    let tags = if row.marks.has(Mark::Composed) { " composed" } else { "" };
    let range = times.plus_minus.map(|share| format!(" {}", units::plus_minus(share))).unwrap_or_default();
    let style = Style::small(INK);
    let label = within(&format!("{}{range}{tags}", units::time(times.median_ns)), style, SIDE - x);
    text(area, &label, (x, middle), style)
}
