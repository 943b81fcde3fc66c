//! Times from run to run, with their shifts: for `bench plot history` and for the site's page of histories.

use super::{List, PlotError};
use crate::svg::{self, Change, Chart, Line, LinePoint, Marks, Series};
use crate::text::clean;
use crate::{ReportError, words};
use chipmark_results::history::{History, Judged, Point};

/// The most lines of a chart: beyond, colours repeat.
const MOST_LINES: usize = 7;

/// Draws the series of a history, which has been narrowed to what is wanted.
///
/// # Errors
/// One line: what there is to choose from, where it is more than a chart holds, or nothing.
pub fn history(history: &History) -> Result<Chart, PlotError> {
    let judged: Vec<&Judged> = history.series.iter().filter(|judged| !judged.series.points.is_empty()).collect();
    if judged.is_empty() {
        return Err(PlotError::Nothing("no cell that was asked for has a time in these files".to_owned()));
    }
    if judged.len() > MOST_LINES {
        let there = List::of(judged.iter().map(|judged| &judged.series.cell.case));
        let targets = List::of(judged.iter().map(|judged| &judged.series.cell.target));
        return Err(PlotError::Unfit(format!(
            "a history shows at most {MOST_LINES} cells, and {} were asked for: choose with --case or --target; there is {there} on {targets}",
            judged.len()
        )));
    }
    let nothing = || PlotError::Nothing("no time of these cells can be drawn".to_owned());
    course(&judged)?.ok_or_else(nothing)
}

/// Draws these series, a line each: what they have in common stands in the title, what tells them apart beside each. Nothing if no time
/// of them can be drawn.
///
/// # Errors
/// When the drawing library refuses, which it does not for drawings in memory.
pub(crate) fn course(judged: &[&Judged]) -> Result<Option<Chart>, ReportError> {
    let [first, ..] = judged else { return Ok(None) };
    let mut runs: Vec<(&str, &str)> = judged
        .iter()
        .flat_map(|judged| &judged.series.points)
        .map(|point| (point.started_at.as_str(), point.run_id.as_str()))
        .collect();
    runs.sort_unstable();
    runs.dedup();
    let place = |started_at: &str, run_id: &str| runs.binary_search(&(started_at, run_id)).unwrap_or(0);
    let point = |point: &Point| LinePoint {
        run: place(&point.started_at, &point.run_id),
        ns: point.median_ns,
        range_ns: words::range(point),
        marks: Marks::PLAIN,
        told: words::point(point),
    };
    let common = Common::of(judged);
    let line =
        |judged: &&Judged| Line { name: common.name(judged), points: judged.series.points.iter().map(point).collect() };
    let changes = judged.iter().enumerate().flat_map(|(line, judged)| {
        judged.shifts.iter().filter_map(move |shift| {
            let first = judged.series.points.get(shift.at)?;
            Some((line, first, shift))
        })
    });
    let changes = changes.map(|(line, first, shift)| Change {
        run: place(&first.started_at, &first.run_id),
        line,
        ratio: shift.ratio,
        accepted: shift.blessed.is_some(),
    });
    svg::series(&Series {
        title: common.title(first, judged.len()),
        runs: dates(&runs),
        lines: judged.iter().map(line).collect(),
        changes: changes.collect(),
    })
}

/// What series have in common.
struct Common {
    case: bool,
    target: bool,
    mode: bool,
    place: bool,
}

impl Common {
    fn of(judged: &[&Judged]) -> Self {
        let all =
            |same: fn(&Judged, &Judged) -> bool| judged.windows(2).all(|pair| matches!(pair, [a, b] if same(a, b)));
        Common {
            case: all(|a, b| a.series.cell.case == b.series.cell.case),
            target: all(|a, b| a.series.cell.target == b.series.cell.target),
            mode: all(|a, b| a.series.cell.mode == b.series.cell.mode),
            place: all(|a, b| a.series.is_beside(&b.series)),
        }
    }

    /// Such as `matmul/8x8@8x8/f32, candle:cpu, latency from run to run, on Apple M3 Max`.
    fn title(&self, first: &Judged, count: usize) -> String {
        let (cell, machine) = (&first.series.cell, &first.series.conditions.machine);
        let subject = if self.case { cell.case.to_string() } else { format!("{count} cells") };
        let target = self.target.then(|| cell.target.to_string());
        let mode = self.mode.then(|| cell.mode.to_string());
        let parts: Vec<String> = std::iter::once(subject).chain(target).chain(mode).collect();
        let on = if self.place { format!(", on {}", machine.chip) } else { String::new() };
        clean(&format!("{} from run to run{on}", parts.join(", ")))
    }

    /// The target, with whatever else the series have not in common.
    fn name(&self, judged: &Judged) -> String {
        let cell = &judged.series.cell;
        let mut name = cell.target.to_string();
        if !self.case {
            name += &format!(" {}", cell.case);
        }
        if !self.mode {
            name += &format!(" {}", cell.mode);
        }
        if !self.place {
            name += &format!(" {}", judged.series.conditions.machine.chip);
            name.extend(judged.series.short_id().map(|id| format!(" {id}")));
        }
        clean(&name)
    }
}

/// The days on which runs started; where several are of one day, the times of day too.
fn dates(runs: &[(&str, &str)]) -> Vec<String> {
    let day = |started_at: &str| started_at.chars().take(10).collect::<String>();
    let mut days: Vec<String> = runs.iter().map(|(started_at, _)| day(started_at)).collect();
    let all = days.len();
    days.dedup();
    if days.len() == all {
        return days;
    }
    runs.iter()
        .map(|(started_at, _)| started_at.chars().skip(5).take(11).collect::<String>().replace('T', " "))
        .collect()
}
