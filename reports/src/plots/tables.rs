//! Charts that show cells as they are: heat maps, strips and stages.

use super::naming::{self, Naming};
use super::{cases, comparable_ns, targets};
use crate::Report;
use crate::model::{CellView, RunReport};
use crate::svg::{
    HeatCell, HeatMap, HeatRow, Marks, StageBars, StageGroup, StageRow, Stages, Strip, StripGroup, StripRow, StripTimes,
};
use crate::words;
use chipmark_core::{CaseId, Mode, Target};

/// Cases by targets: how many times the fastest of its run each took.
pub(super) fn heat_map(report: &Report) -> HeatMap {
    let (naming, runs) = (Naming::of(&report.runs), naming::runs(&report.runs));
    let columns = targets(&report.runs);
    let mut rows = Vec::new();
    for (run, name) in report.runs.iter().zip(&runs) {
        if runs.len() > 1 {
            rows.push(HeatRow { label: name.clone(), cells: Vec::new() });
        }
        for (_, case) in cases(run) {
            let cell = |target: &Target| match case.cells.iter().find(|cell| cell.result.cell.target == *target) {
                Some(cell) => heat_cell(cell),
                None => HeatCell::Word("–".to_owned()),
            };
            let cells = columns.iter().copied().map(cell).collect();
            rows.push(HeatRow { label: naming.case(&case.case), cells });
        }
    }
    HeatMap {
        title: format!("Times over the fastest: {}, on {}", naming.of_all(), words::chips(&report.runs)),
        columns: columns.iter().map(ToString::to_string).collect(),
        rows,
    }
}

fn heat_cell(cell: &CellView) -> HeatCell {
    match (cell.result.ratio_to_fastest, comparable_ns(cell)) {
        (Some(ratio), Some(_)) => {
            HeatCell::Ratio { ratio, fastest: cell.fastest, marks: Marks::of(cell), told: words::cell(cell) }
        }
        // There is a time, and it is of another precision.
        _ if cell.result.estimate.is_some() => HeatCell::Word("tf32".to_owned()),
        _ => HeatCell::Word(cell.result.outcome.to_string()),
    }
}

/// Each launch of each cell, by cases; where a case has but one row, all stand together.
pub(super) fn strip(report: &Report) -> Strip {
    let (naming, runs) = (Naming::of(&report.runs), naming::runs(&report.runs));
    let all = targets(&report.runs);
    let mut groups: Vec<(&CaseId, StripGroup)> = Vec::new();
    for (run, name) in report.runs.iter().zip(&runs) {
        for (_, case) in cases(run) {
            let at = groups.iter().position(|(id, _)| **id == case.case).unwrap_or_else(|| {
                groups.push((&case.case, StripGroup { label: naming.case(&case.case), rows: Vec::new() }));
                groups.len() - 1
            });
            let rows = case.cells.iter().map(|cell| {
                let target = &cell.result.cell.target;
                StripRow {
                    label: if runs.len() > 1 { format!("{name} {target}") } else { target.to_string() },
                    series: all.iter().position(|other| *other == target).unwrap_or(0),
                    times: cell
                        .result
                        .estimate
                        .as_ref()
                        .map(StripTimes::from)
                        .ok_or_else(|| cell.result.outcome.to_string()),
                    marks: Marks::of(cell),
                    told: words::cell(cell),
                }
            });
            let rows: Vec<StripRow> = rows.collect();
            if let Some((_, group)) = groups.get_mut(at) {
                group.rows.extend(rows);
            }
        }
    }
    let chips = words::chips(&report.runs);
    let mut groups: Vec<StripGroup> = groups.into_iter().map(|(_, group)| group).collect();
    let mut title = format!("Each launch: {}, on {chips}", naming.of_all());
    if let ([target], [_]) = (all.as_slice(), runs.as_slice()) {
        title = format!("Each launch: {}, {target} on {chips}", naming.of_all());
        let rows = groups.into_iter().flat_map(|group| {
            let StripGroup { label, rows } = group;
            rows.into_iter().map(move |row| StripRow { label: label.clone(), ..row })
        });
        groups = vec![StripGroup { label: String::new(), rows: rows.collect() }];
    }
    Strip { title, groups }
}

/// What transfer costs beside the call alone.
pub(super) fn stages(run: &RunReport) -> Stages {
    let alone = |cell: &CellView| {
        let same = |(mode, other): &(Mode, &CellView)| {
            let (a, b) = (&cell.result.cell, &other.result.cell);
            *mode == Mode::Latency && a.case == b.case && a.target == b.target
        };
        let cells = cases(run).flat_map(|(mode, case)| case.cells.iter().map(move |cell| (mode, cell)));
        cells.filter(same).find_map(|(_, other)| Some(other.result.estimate.as_ref()?.median_ns))
    };
    let row = |cell: &CellView| StageRow {
        label: cell.result.cell.target.to_string(),
        bars: cell
            .result
            .estimate
            .as_ref()
            .map(|estimate| StageBars::of(estimate.median_ns, estimate.stages, alone(cell)))
            .ok_or_else(|| cell.result.outcome.to_string()),
        marks: Marks::of(cell),
    };
    let groups = cases(run)
        .filter(|(mode, _)| *mode == Mode::Transfer)
        .map(|(_, case)| StageGroup { label: case.case.to_string(), rows: case.cells.iter().map(row).collect() });
    Stages { title: format!("What transfer costs, on {}", words::chip(&run.run.machine)), groups: groups.collect() }
}
