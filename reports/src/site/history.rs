//! The page of histories: how times went from run to run, and where they shifted.

use super::gather::Site;
use super::shell::Shell;
use crate::plots::course;
use crate::svg::Chart;
use crate::text::clean;
use crate::{ReportError, units, words};
use askama::Template;
use chipmark_results::history::{History, Judged};
use std::collections::HashMap;

/// The most series that are drawn: those that shifted, then the longest.
const MOST_CHARTS: usize = 40;

/// The fewest points of a series that is drawn: two tell no course.
const FEWEST_POINTS: usize = 3;

/// The most runs of the table below a chart, the last ones.
const MOST_RUNS: usize = 200;

#[derive(Template)]
#[template(path = "site/history.html")]
pub(super) struct HistoryPage {
    shell: Shell,
    summary: String,
    shifts: Vec<ShiftLine>,
    courses: Vec<Course>,
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

/// A cell's times from run to run.
struct Course {
    id: String,
    case: String,
    target: String,
    mode: &'static str,
    conditions: String,
    chart: Option<Chart>,
    points: Vec<PointLine>,
    /// How many earlier runs the table leaves out.
    left_out: usize,
}

/// One run of a cell.
struct PointLine {
    /// Its page, from the site's root; none where the run is not on the site.
    page: Option<String>,
    date: String,
    machine: String,
    version: String,
    time: String,
    range: String,
    interval: String,
    /// Such as `+5.2%, accepted`; empty where the level stayed.
    change: String,
}

impl HistoryPage {
    pub(super) fn new(site: &Site<'_>, history: &History, shell: Shell) -> Result<Self, ReportError> {
        let (series, points, short) = history.counts();
        let mut drawn: Vec<&Judged> =
            history.series.iter().filter(|judged| judged.series.points.len() >= FEWEST_POINTS).collect();
        drawn.sort_by_key(|judged| std::cmp::Reverse((judged.shifts.len(), judged.series.points.len())));
        let ids = site.report.runs.iter().map(|run| run.run.run_id.as_str());
        let pages: HashMap<&str, &String> = ids.zip(&site.run_slugs).collect();
        let courses = drawn.into_iter().take(MOST_CHARTS).enumerate();
        Ok(HistoryPage {
            shell,
            summary: format!(
                "{} of {} or more in {series} series of {points} points; {short} series are too short to be judged",
                words::counted(history.series.iter().map(|judged| judged.shifts.len()).sum::<usize>(), "shift"),
                units::share(history.threshold),
            ),
            shifts: history.series.iter().flat_map(shift_lines).collect(),
            courses: courses.map(|(at, judged)| Course::new(at, judged, &pages)).collect::<Result<_, _>>()?,
        })
    }
}

impl Course {
    fn new(at: usize, judged: &Judged, pages: &HashMap<&str, &String>) -> Result<Self, ReportError> {
        let cell = &judged.series.cell;
        let left_out = judged.series.points.len().saturating_sub(MOST_RUNS);
        Ok(Course {
            id: format!("course-{}", at + 1),
            case: cell.case.to_string(),
            target: cell.target.to_string(),
            mode: cell.mode.name(),
            conditions: clean(&judged.series.place()),
            chart: course(&[judged])?,
            points: (0..judged.series.points.len())
                .skip(left_out)
                .filter_map(|at| point_line(judged, at, pages))
                .collect(),
            left_out,
        })
    }
}

fn point_line(judged: &Judged, at: usize, pages: &HashMap<&str, &String>) -> Option<PointLine> {
    let point = judged.series.points.get(at)?;
    let change = judged.shifts.iter().find(|shift| shift.at == at).map(|shift| {
        let accepted = if shift.blessed.is_some() { ", accepted" } else { "" };
        format!("{}{accepted}", units::change(shift.ratio))
    });
    Some(PointLine {
        // The slug of a run is made for a file's name, so that it needs no escape.
        page: pages.get(clean(&point.run_id).as_str()).map(|slug| format!("runs/{slug}.html")),
        date: clean(&point.started_at),
        machine: clean(&judged.series.conditions.machine.chip),
        version: clean(&point.version),
        time: units::time(point.median_ns),
        range: words::range(point).map(|(low, high)| units::span(low, high)).unwrap_or_default(),
        interval: point.interval_ns.map(|interval| units::span(interval.low, interval.high)).unwrap_or_default(),
        change: change.unwrap_or_default(),
    })
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
            conditions: clean(&judged.series.place()),
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
