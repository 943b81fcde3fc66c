//! The page of histories: how times went from run to run, and where they shifted.

use super::charts;
use super::shell::Shell;
use crate::svg::Chart;
use crate::text::clean;
use crate::{ReportError, units};
use askama::Template;
use chipmark_results::history::{History, Judged};

/// The most series that are drawn: those that shifted, then the longest.
const MOST_CHARTS: usize = 40;

/// The fewest points of a series that is drawn: two tell no course.
const FEWEST_POINTS: usize = 3;

#[derive(Template)]
#[template(path = "site/history.html")]
pub(super) struct HistoryPage {
    shell: Shell,
    summary: String,
    shifts: Vec<ShiftLine>,
    charts: Vec<Chart>,
}

/// A shift.
struct ShiftLine {
    case: String,
    target: String,
    mode: &'static str,
    conditions: String,
    before: String,
    after: String,
    ratio: f64,
    change: String,
    p: String,
    since: String,
    version: String,
    blessed: String,
}

impl HistoryPage {
    pub(super) fn new(history: &History, shell: Shell) -> Result<Self, ReportError> {
        let (series, points, short) = history.counts();
        let mut drawn: Vec<&Judged> =
            history.series.iter().filter(|judged| judged.series.points.len() >= FEWEST_POINTS).collect();
        drawn.sort_by_key(|judged| std::cmp::Reverse((judged.shifts.len(), judged.series.points.len())));
        let charts: Result<Vec<_>, ReportError> = drawn.into_iter().take(MOST_CHARTS).map(charts::series).collect();
        Ok(HistoryPage {
            shell,
            summary: format!(
                "{} of {} or more in {series} series of {points} points; {short} series are too short to be judged",
                crate::words::counted(history.series.iter().map(|judged| judged.shifts.len()).sum::<usize>(), "shift"),
                units::share(history.threshold),
            ),
            shifts: history.series.iter().flat_map(shift_lines).collect(),
            charts: charts?.into_iter().flatten().collect(),
        })
    }
}

fn shift_lines(judged: &Judged) -> Vec<ShiftLine> {
    let line = |shift| {
        let (last, first) = judged.around(shift)?;
        let version = if last.version == first.version {
            clean(&first.version)
        } else {
            format!("{} → {}", clean(&last.version), clean(&first.version))
        };
        let cell = &judged.series.cell;
        Some(ShiftLine {
            case: cell.case.to_string(),
            target: cell.target.to_string(),
            mode: cell.mode.name(),
            conditions: clean(&judged.series.conditions.to_string()),
            before: units::time(shift.before.mean_ns),
            after: units::time(shift.after.mean_ns),
            ratio: shift.ratio,
            change: units::change(shift.ratio),
            p: units::probability(shift.p),
            since: clean(&first.started_at),
            version,
            blessed: shift.blessed.as_ref().map(|blessing| clean(&blessing.why)).unwrap_or_default(),
        })
    };
    judged.shifts.iter().filter_map(line).collect()
}
