//! Times from run to run, with their shifts.

use super::{List, PlotError};
use crate::svg::{self, Change, Chart, Line, LinePoint, Marks, Series};
use crate::text::clean;
use chipmark_results::history::{History, Judged};

/// The most lines of a chart: beyond, colours repeat.
const MOST_LINES: usize = 7;

/// Draws the series of a history, which has been narrowed to what is wanted.
///
/// # Errors
/// One line: what there is to choose from, where it is more than a chart holds, or nothing.
pub fn history(history: &History) -> Result<Chart, PlotError> {
    let judged: Vec<&Judged> = history.series.iter().filter(|judged| !judged.series.points.is_empty()).collect();
    let [first, ..] = judged.as_slice() else {
        return Err(PlotError::Nothing("no cell that was asked for has a time in these files".to_owned()));
    };
    if judged.len() > MOST_LINES {
        let there = List::of(judged.iter().map(|judged| &judged.series.cell.case));
        let targets = List::of(judged.iter().map(|judged| &judged.series.cell.target));
        return Err(PlotError::Unfit(format!(
            "a history shows at most {MOST_LINES} cells, and {} were asked for: choose with --case or --target; there is {there} on {targets}",
            judged.len()
        )));
    }
    let mut runs: Vec<(&str, &str)> = judged
        .iter()
        .flat_map(|judged| &judged.series.points)
        .map(|point| (point.started_at.as_str(), point.run_id.as_str()))
        .collect();
    runs.sort_unstable();
    runs.dedup();
    let place = |started_at: &str, run_id: &str| runs.binary_search(&(started_at, run_id)).unwrap_or(0);
    let same_case = judged.iter().all(|judged| judged.series.cell.case == first.series.cell.case);
    let same_place = judged.iter().all(|judged| judged.series.conditions == first.series.conditions);
    let name = |judged: &Judged| {
        let cell = &judged.series.cell;
        let case = if same_case { String::new() } else { format!(" {}", cell.case) };
        let chip = if same_place { String::new() } else { format!(" {}", judged.series.conditions.machine.chip) };
        clean(&format!("{}{case}{chip}", cell.target))
    };
    let line = |judged: &&Judged| Line {
        name: name(judged),
        points: judged
            .series
            .points
            .iter()
            .map(|point| LinePoint {
                run: place(&point.started_at, &point.run_id),
                ns: point.median_ns,
                marks: Marks::PLAIN,
            })
            .collect(),
    };
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
    let subject = if same_case { first.series.cell.case.to_string() } else { format!("{} cells", judged.len()) };
    let on = if same_place { format!(", on {}", first.series.conditions.machine.chip) } else { String::new() };
    let plot = Series {
        title: clean(&format!("{subject} from run to run{on}")),
        runs: dates(&runs),
        lines: judged.iter().map(line).collect(),
        changes: changes.collect(),
    };
    let nothing = || PlotError::Nothing("no time of these cells can be drawn".to_owned());
    svg::series(&plot)?.ok_or_else(nothing)
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
