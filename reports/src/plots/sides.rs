//! Two sides set against each other: the same targets in two runs, or two targets in one.

use super::naming::{self, Naming};
use super::{PlotError, cases, comparable_ns, targets};
use crate::Report;
use crate::model::{CaseRow, CellView, RunReport};
use crate::svg::{Marks, Scatter, ScatterPoint};
use crate::words;
use std::collections::HashMap;

/// The most points with a label: those furthest from the diagonal.
const LABELS: usize = 12;

/// The cells that both sides have.
pub(super) fn scatter(report: &Report) -> Result<Scatter, PlotError> {
    let naming = Naming::of(&report.runs);
    let mut scatter = match report.runs.as_slice() {
        [a, b] => of_runs(&naming, (a, b), naming::runs(&report.runs)),
        [run] => of_targets(&naming, run)?,
        runs => {
            let n = runs.len();
            return Err(PlotError::Unfit(format!(
                "a scatter shows two results files, or two targets of one; {n} files were given"
            )));
        }
    };
    if scatter.points.is_empty() {
        return Err(PlotError::Nothing("no cell has a time on both sides".to_owned()));
    }
    let distance = |point: &ScatterPoint| (point.y_ns / point.x_ns).ln().abs();
    scatter.points.sort_by(|a, b| distance(b).total_cmp(&distance(a)));
    scatter.points.iter_mut().skip(LABELS).for_each(|point| point.label.clear());
    Ok(scatter)
}

fn of_runs(naming: &Naming, (a, b): (&RunReport, &RunReport), names: Vec<String>) -> Scatter {
    let series = targets([a, b]);
    let cells = |run| {
        let cases = cases(run);
        cases.flat_map(|(mode, case): (_, &CaseRow)| case.cells.iter().map(move |cell| (mode, case, cell)))
    };
    let of_b: HashMap<_, &CellView> =
        cells(b).map(|(mode, case, cell)| ((mode, &case.case, &cell.result.cell.target), cell)).collect();
    let points = cells(a).filter_map(|(mode, case, cell)| {
        let target = &cell.result.cell.target;
        let other = of_b.get(&(mode, &case.case, target))?;
        let series = series.iter().position(|other| *other == target)?;
        point((cell, other), series, naming.case(&case.case))
    });
    let points: Vec<ScatterPoint> = points.collect();
    let mut names = names.into_iter();
    let (x, y) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
    Scatter {
        title: format!("{x} against {y}: {}", naming.of_all()),
        x,
        y,
        series: series.iter().map(ToString::to_string).collect(),
        points,
    }
}

fn of_targets(naming: &Naming, run: &RunReport) -> Result<Scatter, PlotError> {
    let [x, y] = run.run.targets.as_slice() else {
        let there = super::List::of(run.run.targets.iter().map(|info| &info.target));
        let needs = "a scatter of one results file shows two targets: choose them with --target A,B";
        return Err(PlotError::Unfit(format!("{needs}; there is {there}")));
    };
    let mut series: Vec<String> = Vec::new();
    let mut points = Vec::new();
    for (_, case) in cases(run) {
        let [on_x, on_y] = case.cells.as_slice() else { continue };
        let workload = &case.case.workload;
        let at = series.iter().position(|other| other == workload).unwrap_or(series.len());
        if let Some(point) = point((on_x, on_y), at, naming.case(&case.case)) {
            if at == series.len() {
                series.push(workload.clone());
            }
            points.push(point);
        }
    }
    Ok(Scatter {
        title: format!("{} against {}: {}, on {}", x.target, y.target, naming.of_all(), words::chip(&run.run.machine)),
        x: x.target.to_string(),
        y: y.target.to_string(),
        series,
        points,
    })
}

fn point((x, y): (&CellView, &CellView), series: usize, label: String) -> Option<ScatterPoint> {
    let (x_ns, y_ns) = (comparable_ns(x)?, comparable_ns(y)?);
    let name = x.result.cell.case.to_string();
    let told = [x, y].map(words::cell);
    Some(ScatterPoint { x_ns, y_ns, series, label, marks: Marks::of(x).and(Marks::of(y)), name, told })
}
