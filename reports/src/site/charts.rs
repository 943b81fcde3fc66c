//! The charts of a site: figures put into the plain data that charts are drawn from.

use super::gather::{Case, Group, Machine, Site, Value};
use super::op::OnMachines;
use super::pair::PairRow;
use super::speed::Speed;
use crate::plots::roofs;
use crate::svg::{
    self, Chart, HeatCell, HeatMap, HeatRow, Mark, Marks, RatioBar, RatioBars, RatioRow, RoofPoint, Roofline, Scatter,
    ScatterPoint, StageBars, StageGroup, StageRow, Stages, Strip, StripGroup, StripRow, StripTimes,
};
use crate::{ReportError, units, words};
use chipmark_core::{CaseId, DType, Mode};
use chipmark_results::ceiling::Place;
use chipmark_results::estimate::median;
use std::collections::{BTreeMap, BTreeSet};

/// The most cases of a workload whose bars are drawn on a chip's page.
const MOST_CASES: usize = 24;

/// The most cases whose transfers are drawn.
const MOST_TRANSFERS: usize = 12;

/// How far a figure is to be trusted.
fn marks(value: &Value<'_>) -> Marks {
    match value {
        Value::Measured(_, cell) => Marks::of(cell),
        Value::Imported(_, figure) if figure.faults.is_empty() => Mark::Imported.into(),
        Value::Imported(..) => Marks::from(Mark::Imported).with(Mark::Doubtful),
    }
}

fn times(value: &Value<'_>) -> Result<StripTimes, String> {
    match value {
        Value::Measured(_, cell) => match &cell.result.estimate {
            Some(estimate) => Ok(estimate.into()),
            None => Err(cell.result.outcome.to_string()),
        },
        Value::Imported(_, figure) => match figure.time_ns {
            Some(ns) => {
                Ok(StripTimes { launches_ns: Vec::new(), median_ns: ns, low_ns: ns, high_ns: ns, plus_minus: None })
            }
            None => Err(format!("printed as {}", figure.printed)),
        },
    }
}

/// A figure in one line: its time with its doubt and its marks, or the word in their place.
pub(super) fn told(value: &Value<'_>) -> String {
    match value {
        Value::Measured(_, cell) => words::cell(cell),
        Value::Imported(_, figure) => {
            let time = figure.time_ns.map_or_else(|| format!("printed as {}", figure.printed), units::time);
            let faults = figure.faults.iter().map(|fault| fault.name());
            let marks = std::iter::once(Mark::Imported.about()).chain(faults).collect::<Vec<_>>();
            format!("{time}; {}", marks.join(", "))
        }
    }
}

fn subject(site: &Site<'_>, at: usize) -> String {
    site.subjects.get(at).map(ToString::to_string).unwrap_or_default()
}

fn rows(site: &Site<'_>, case: &Case<'_>, prefix: &str) -> Vec<StripRow> {
    let row = |(at, value): &(usize, Value<'_>)| StripRow {
        label: [prefix, &subject(site, *at)]
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(" · "),
        series: *at,
        times: times(value),
        marks: marks(value),
        told: told(value),
    };
    case.figures.iter().map(row).collect()
}

/// The speed-ups of all chips over PyTorch on their processors; what is measured first.
pub(super) fn speed_ups(site: &Site<'_>, speeds: &[Vec<(usize, Speed)>]) -> Result<Option<Chart>, ReportError> {
    let rows = site.machines.iter().zip(speeds).flat_map(|(machine, speeds)| {
        let name = site.label(machine);
        speeds.iter().map(move |(at, speed)| ratio_row(format!("{name} · {}", subject(site, *at)), *at, speed))
    });
    let plot = RatioBars {
        title: "Speed-up over PyTorch on the same processor".to_owned(),
        base: "tch:cpu".to_owned(),
        rows: rows.collect(),
    };
    svg::ratio_bars(&plot)
}

fn ratio_row(label: String, series: usize, speed: &Speed) -> RatioRow {
    RatioRow {
        label,
        series,
        ratio: Ok(RatioBar { ratio: speed.ratio, interval: speed.interval, cases: speed.cases }),
        marks: if speed.is_imported { Mark::Imported.into() } else { Marks::PLAIN },
    }
}

/// The speed-ups of one machine over another, by target.
pub(super) fn pair_speed_ups(
    site: &Site<'_>,
    a: &Machine<'_>,
    b: &Machine<'_>,
    speeds: &[(usize, Speed)],
) -> Result<Option<Chart>, ReportError> {
    let plot = RatioBars {
        title: format!("{} over {}", b.title(), a.title()),
        base: site.label(a),
        rows: speeds.iter().map(|(at, speed)| ratio_row(subject(site, *at), *at, speed)).collect(),
    };
    svg::ratio_bars(&plot)
}

/// Each common cell by its times on both machines.
pub(super) fn scatter(
    site: &Site<'_>,
    a: &Machine<'_>,
    b: &Machine<'_>,
    rows: &[PairRow],
) -> Result<Option<Chart>, ReportError> {
    let point = |row: &PairRow| ScatterPoint {
        x_ns: row.ns[0],
        y_ns: row.ns[1],
        series: row.subject,
        label: format!("{} {}", row.workload, row.label),
        marks: row.marks(),
        name: format!("{}/{}/{}", row.workload, row.label, row.dtype),
        told: row.told.clone(),
    };
    // What differs most from the rest deserves a label first.
    let mut points: Vec<ScatterPoint> = rows.iter().filter(|row| row.mode == Mode::Latency.name()).map(point).collect();
    let ratio = |point: &ScatterPoint| (point.y_ns / point.x_ns).ln();
    let middle = median(&points.iter().map(ratio).collect::<Vec<_>>()).unwrap_or(0.0);
    points.sort_by(|a, b| (ratio(b) - middle).abs().total_cmp(&(ratio(a) - middle).abs()));
    svg::scatter(&Scatter {
        title: format!("{} against {}, latency", a.title(), b.title()),
        x: site.label(a),
        y: site.label(b),
        series: series_of(site, points.iter().map(|point| point.series)),
        points,
    })
}

/// The names of the subjects that a chart has points of, each at its place; empty for the others, which its key leaves out.
fn series_of(site: &Site<'_>, points: impl Iterator<Item = usize>) -> Vec<String> {
    let used: BTreeSet<usize> = points.collect();
    let name = |at: usize| if used.contains(&at) { subject(site, at) } else { String::new() };
    (0..site.subjects.len()).map(name).collect()
}

/// A workload on a machine by target.
pub(super) struct HeatLine {
    pub(super) workload: String,
    pub(super) places: Vec<HeatPlace>,
}

/// A place of a heat map.
pub(super) enum HeatPlace {
    /// The geometric mean of the times over the fastest's.
    Ratio { ratio: f64, cases: usize, composed: bool, doubtful: bool },
    /// The geometric mean of published times in ns, compared with nothing.
    Published { ns: f64, faulty: bool },
    /// What stands in the place of a time.
    Word(String),
}

impl HeatPlace {
    /// What stands in a table.
    pub(super) fn shown(&self) -> String {
        match self {
            HeatPlace::Ratio { ratio, .. } => units::factor(*ratio),
            HeatPlace::Published { ns, faulty: false } => units::time(*ns),
            HeatPlace::Published { ns, faulty: true } => format!("{} †", units::time(*ns)),
            HeatPlace::Word(word) => word.clone(),
        }
    }
}

/// Op by target. Nothing where nothing was measured: published figures are compared with nothing.
pub(super) fn heat_map(columns: &[String], lines: &[HeatLine]) -> Result<Option<Chart>, ReportError> {
    let is_ratio = |place: &HeatPlace| matches!(place, HeatPlace::Ratio { .. });
    if !lines.iter().any(|line| line.places.iter().any(is_ratio)) {
        return Ok(None);
    }
    let row = |line: &HeatLine| {
        let ratios = || {
            line.places.iter().filter_map(|place| match place {
                HeatPlace::Ratio { ratio, .. } => Some(*ratio),
                HeatPlace::Published { .. } | HeatPlace::Word(_) => None,
            })
        };
        let least = ratios().fold(f64::INFINITY, f64::min);
        let has_rivals = ratios().count() > 1;
        let cell = |place: &HeatPlace| match place {
            HeatPlace::Ratio { ratio, cases, composed, doubtful } => {
                let composed = composed.then_some(Mark::Composed);
                let marks: Marks = composed.into_iter().chain(doubtful.then_some(Mark::Doubtful)).collect();
                let parts = [format!("mean of {}", words::counted(*cases, "case")), marks.told()];
                let told = parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("; ");
                HeatCell::Ratio { ratio: *ratio, fastest: has_rivals && *ratio <= least, marks, told }
            }
            other => HeatCell::Word(other.shown()),
        };
        HeatRow { label: line.workload.clone(), cells: line.places.iter().map(cell).collect() }
    };
    svg::heat_map(&HeatMap {
        title: "Op by target: time over the fastest's, latency".to_owned(),
        columns: columns.to_vec(),
        rows: lines.iter().map(row).collect(),
    })
}

/// A workload's cases by target.
pub(super) fn bars(site: &Site<'_>, group: &Group<'_>) -> Result<Option<Chart>, ReportError> {
    let of = |case: &Case<'_>| StripGroup {
        label: format!("{} · {}", case.id.label, case.id.dtype),
        rows: rows(site, case, ""),
    };
    svg::grouped_bars(&Strip {
        title: format!("{}, {}", group.workload, group.mode),
        groups: group.cases.iter().take(MOST_CASES).map(of).collect(),
    })
}

/// A case on all chips, each launch a dot.
pub(super) fn strip(
    site: &Site<'_>,
    case: &CaseId,
    mode: Mode,
    on: &OnMachines<'_>,
) -> Result<Option<Chart>, ReportError> {
    let rows = on.iter().flat_map(|(machine, case)| rows(site, case, &site.label(machine))).collect();
    svg::strip(&Strip { title: format!("{case}, {mode}"), groups: vec![StripGroup { label: String::new(), rows }] })
}

/// What the way to the device and back costs: the cases of these workloads that were measured with and without it.
pub(super) fn stages(
    site: &Site<'_>,
    machine: &Machine<'_>,
    is_of: impl Fn(&str) -> bool,
) -> Result<Option<Chart>, ReportError> {
    let latency: BTreeMap<&CaseId, &Case<'_>> =
        machine.cases().filter(|(group, _)| group.mode == Mode::Latency).map(|(_, case)| (case.id, case)).collect();
    let transfers =
        machine.cases().filter(|(group, case)| group.mode == Mode::Transfer && latency.contains_key(case.id));
    let transfers = transfers.filter(|(group, _)| is_of(group.workload));
    let group = |case: &Case<'_>| StageGroup {
        label: case.id.to_string(),
        rows: case
            .figures
            .iter()
            .map(|(at, value)| stage_row(site, *at, value, latency.get(case.id).copied()))
            .collect(),
    };
    svg::stages(&Stages {
        title: "With and without the transfer".to_owned(),
        groups: transfers.take(MOST_TRANSFERS).map(|(_, case)| group(case)).collect(),
    })
}

fn stage_row(site: &Site<'_>, at: usize, value: &Value<'_>, alone: Option<&Case<'_>>) -> StageRow {
    let alone_ns = alone.and_then(|case| case.value(at)?.ns());
    let stages = match value {
        Value::Measured(_, cell) => cell.result.estimate.as_ref().and_then(|estimate| estimate.stages),
        Value::Imported(..) => None,
    };
    let bars = |whole_ns| StageBars::of(whole_ns, stages, alone_ns);
    StageRow { label: subject(site, at), bars: times(value).map(|times| bars(times.median_ns)), marks: marks(value) }
}

/// A roofline for each place and dtype that the machine's latest run has ceilings of.
pub(super) fn rooflines(site: &Site<'_>, machine: &Machine<'_>) -> Result<Vec<Chart>, ReportError> {
    let runs = machine.runs.iter().filter_map(|at| site.report.runs.get(*at));
    let Some(run) = runs.into_iter().find(|run| !run.ceilings.is_empty()) else { return Ok(Vec::new()) };
    let kinds = run.ceilings.iter().filter(|reached| !reached.tf32).map(|reached| (reached.place, reached.dtype));
    let kinds: BTreeSet<(Place, DType)> = kinds.collect();
    let chart = |(place, dtype): (Place, DType)| {
        let device = run.run.targets.iter().map(|info| info.target.device).find(|device| Place::of(*device) == place);
        let roofs = device.map(|device| roofs(run, (place, dtype, device))).unwrap_or_default();
        let points = roof_points(site, machine, place, dtype);
        svg::roofline(&Roofline {
            title: format!("Roofline of the {place}, {dtype}"),
            roofs,
            series: series_of(site, points.iter().map(|point| point.series)),
            points,
        })
    };
    let charts: Result<Vec<Option<Chart>>, ReportError> = kinds.into_iter().map(chart).collect();
    Ok(charts?.into_iter().flatten().collect())
}

fn roof_points(site: &Site<'_>, machine: &Machine<'_>, place: Place, dtype: DType) -> Vec<RoofPoint> {
    let mut points = Vec::new();
    let latency = machine.cases().filter(|(group, case)| group.mode == Mode::Latency && case.id.dtype == dtype);
    for (_, case) in latency {
        let Some(cost) = case.cost.filter(|cost| cost.flop > 0 && cost.bytes > 0) else { continue };
        for (at, value) in &case.figures {
            let is_there = site.subjects.get(*at).is_some_and(|subject| Place::of(subject.target.device) == place);
            let gflops = value.ranked().and_then(|cell| cell.result.gflops).filter(|_| is_there);
            points.extend(gflops.map(|gflops| RoofPoint {
                flop_per_byte: cost.flop as f64 / cost.bytes as f64,
                gflops,
                series: *at,
                label: case.id.workload.clone(),
                marks: marks(value),
                name: case.id.to_string(),
                told: told(value),
            }));
        }
    }
    // The name of a workload once, at the best that it reached.
    points.sort_by(|a, b| b.gflops.total_cmp(&a.gflops));
    let mut named = BTreeSet::new();
    for point in &mut points {
        if !named.insert(point.label.clone()) {
            point.label.clear();
        }
    }
    points
}
