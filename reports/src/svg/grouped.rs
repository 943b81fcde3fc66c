//! Grouped bars from plain times: as [`bars`](super::bars), for rows that need not be of one run, nor measured here.

use super::draw::{Area, Style, bar, colour, drawn, marker, text, whisker};
use super::fit::within;
use super::marks::{Mark, Marks};
use super::strip::{Strip, StripRow, first_rows};
use super::{Chart, INK, MUTED, SIDE, WIDTH, axis, coordinate, count, key};
use crate::scale::Scale;
use crate::{ReportError, units};

const LEFT: i32 = 220;
const RIGHT: i32 = 780;
const TOP: i32 = 6;
const HEADING: i32 = 26;
const ROW: i32 = 22;
const GAP: i32 = 8;
const FOOT: i32 = 66;
const HALF: i32 = 7;

/// Draws a bar for each row, with its range as a whisker. Nothing if no row has a time.
///
/// # Errors
/// When the drawing library refuses, which it does not for drawings in memory.
pub fn grouped_bars(plot: &Strip) -> Result<Option<Chart>, ReportError> {
    let (groups, more) = first_rows(&plot.groups);
    let rows = || groups.iter().flat_map(|(_, rows)| rows.iter());
    let times = || rows().filter_map(|row| row.times.as_ref().ok());
    let ends = times().flat_map(|times| [times.median_ns, times.low_ns, times.high_ns]);
    let Some(scale) = Scale::over(ends, LEFT, RIGHT) else { return Ok(None) };
    let heading_height = |heading: &str| if heading.is_empty() { 0 } else { HEADING };
    let heights = groups.iter().map(|(heading, rows)| heading_height(heading) + coordinate(rows.len()) * ROW + GAP);
    let bottom = TOP + heights.sum::<i32>();
    let height = (bottom + FOOT).unsigned_abs();
    let body = drawn((WIDTH, height), |area| {
        axis::below(area, &scale, (TOP, bottom), axis::time)?;
        axis::title(area, "time of one call, log scale; shorter is better", (LEFT, bottom + 34))?;
        let mut y = TOP;
        for (heading, rows) in &groups {
            if !heading.is_empty() {
                let style = Style::body(INK).bold();
                text(area, &within(heading, style, SIDE), (0, y + HEADING / 2 + 2), style)?;
            }
            y += heading_height(heading);
            for row in *rows {
                draw_row(area, &scale, row, y + ROW / 2)?;
                y += ROW;
            }
            y += GAP;
        }
        let marks = rows().filter(|row| row.times.is_ok()).fold(Marks::PLAIN, |all, row| all.and(row.marks));
        key::marks(area, marks, (SIDE, bottom + 54))?;
        let more = if more > 0 { format!("{} more", count(more, "row")) } else { String::new() };
        text(area, &more, (0, bottom + 14), Style::small(MUTED).italic())
    })?;
    let shortest = times().map(|times| times.median_ns).fold(f64::INFINITY, f64::min);
    let longest = times().map(|times| times.median_ns).fold(0.0, f64::max);
    let about = format!(
        "Bars of the time of one call, for {}: from {} to {}.",
        count(rows().count(), "row"),
        units::time(shortest),
        units::time(longest)
    );
    Ok(Some(Chart { height, body, title: plot.title.clone(), about }))
}

fn draw_row(area: &Area<'_>, scale: &Scale, row: &StripRow, middle: i32) -> Result<(), ReportError> {
    let style = Style::small(INK).right();
    text(area, &within(&row.label, style, LEFT - 40), (LEFT - 36, middle), style)?;
    marker(area, row.series, (LEFT - 20, middle), 5, Marks::PLAIN)?;
    let times = match &row.times {
        Ok(times) => times,
        Err(word) => {
            let style = Style::small(MUTED).italic();
            return text(area, &within(word, style, RIGHT - LEFT), (LEFT + 8, middle), style);
        }
    };
    let end = scale.at(times.median_ns);
    bar(area, [(LEFT, middle - HALF), (end, middle + HALF)], colour(row.series), row.marks)?;
    let (low, high) = (scale.at(times.low_ns), scale.at(times.high_ns));
    if times.launches_ns.len() > 1 {
        whisker(area, (low.min(high), low.max(high)), middle, 4, row.marks)?;
    }
    let range = times.plus_minus.map(|share| format!(" {}", units::plus_minus(share))).unwrap_or_default();
    let tags = if row.marks.has(Mark::Composed) { " composed" } else { "" };
    let style = Style::small(INK);
    let place = high.max(end) + 10;
    let label = within(&format!("{}{range}{tags}", units::time(times.median_ns)), style, SIDE - place);
    text(area, &label, (place, middle), style)
}

#[cfg(test)]
mod tests {
    use super::super::strip::{StripGroup, StripTimes};
    use super::*;

    fn row(label: &str, ns: f64, marks: Marks) -> StripRow {
        let times = StripTimes {
            launches_ns: vec![ns * 0.9, ns * 1.1],
            median_ns: ns,
            low_ns: ns * 0.9,
            high_ns: ns * 1.1,
            plus_minus: Some(0.1),
        };
        StripRow { label: label.to_owned(), series: 0, times: Ok(times), marks }
    }

    fn plot(rows: Vec<StripRow>) -> Strip {
        Strip { title: "relu".to_owned(), groups: vec![StripGroup { label: "8x8".to_owned(), rows }] }
    }

    #[test]
    fn a_published_bar_is_an_outline_and_a_word_stands_where_there_is_no_time() {
        let word = StripRow { times: Err("unsupported".to_owned()), ..row("mlx:cpu", 1.0, Marks::PLAIN) };
        let chart = grouped_bars(&plot(vec![row("tch:cpu", 1e6, Mark::Imported.into()), word])).unwrap().unwrap();
        assert!(chart.body.contains("1.00 ms ±10%") && chart.body.contains("unsupported"), "{}", chart.body);
        assert!(!chart.body.contains("<rect"), "hollow: {}", chart.body);
        let measured = grouped_bars(&plot(vec![row("tch:cpu", 1e6, Marks::PLAIN)])).unwrap().unwrap();
        assert!(measured.body.contains("<rect"));
    }

    #[test]
    fn no_time_no_chart() {
        let word = StripRow { times: Err("wrong".to_owned()), ..row("mlx:cpu", 1.0, Marks::PLAIN) };
        assert_eq!(grouped_bars(&plot(vec![word])).unwrap(), None);
        assert_eq!(grouped_bars(&Strip::default()).unwrap(), None);
    }
}
