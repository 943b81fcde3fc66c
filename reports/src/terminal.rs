//! Tables for a terminal: a row a case and a column a target where the width allows, else a row a cell; beneath them,
//! the reasons in full and what the marks mean.

use crate::look::lines;
use crate::model::{CaseRow, CellView, ModeGroup, Report, RunReport};
use crate::{units, words};
use chipmark_core::Mode;
use chipmark_results::record::Flag;
use comfy_table::{Attribute, Cell, CellAlignment, Color};
use std::fmt::Write;

pub use crate::look::{Colour, Look};

/// The whole report as text, ending in a newline; empty if it holds no run.
#[must_use]
pub fn table(report: &Report, look: &Look) -> String {
    report.runs.iter().map(|run| of_run(run, look)).collect::<Vec<_>>().join("\n")
}

fn of_run(run: &RunReport, look: &Look) -> String {
    let mut out = String::new();
    look.paragraph(&mut out, "", &words::machine(&run.run.machine));
    look.paragraph(&mut out, "", &words::run(&run.run));
    if let Some((trust, standing)) = words::trust(run) {
        look.paragraph(&mut out, "", &format!("trust: {}: {standing}", trust.name()));
    }
    if let Some(state) = words::state(&run.run.state) {
        look.paragraph(&mut out, "", &state);
    }
    for group in &run.modes {
        out.push('\n');
        look.paragraph(&mut out, "", &format!("{}: {}", group.mode, group.mode.about()));
        if let Some(waits) = words::bare_waits(&run.bare_waits).filter(|_| group.mode == Mode::Latency) {
            look.paragraph(&mut out, "", &waits);
        }
        out.push('\n');
        out.push_str(&of_mode(run, group, look));
    }
    out.push('\n');
    for (mark, about) in legend(run) {
        look.paragraph(&mut out, &format!("{mark:<4}"), about);
    }
    for (at, note) in run.footnotes.iter().enumerate() {
        look.paragraph(&mut out, &format!("{:<4}", format!("[{}]", at + 1)), note);
    }
    for reached in &run.ceilings {
        look.paragraph(&mut out, "=   ", &words::ceiling(reached));
    }
    if !run.ceilings.is_empty() {
        look.paragraph(&mut out, "=   ", words::ROOF);
    }
    for missing in &run.run.missing {
        let remedy = missing.remedy.as_ref().map(|remedy| format!("; to add it: {remedy}")).unwrap_or_default();
        look.paragraph(&mut out, "-   ", &format!("{} is missing: {}{remedy}", missing.name, missing.why));
    }
    for notice in &run.notices {
        look.paragraph(&mut out, "!   ", notice);
    }
    out
}

fn of_mode(run: &RunReport, group: &ModeGroup, look: &Look) -> String {
    let cases = || group.workloads.iter().flat_map(|workload| &workload.cases);
    let rates = cases().any(|case| case.best.is_some());

    let mut wide = look.table();
    let mut header = vec!["case".to_owned()];
    header.extend(run.run.targets.iter().map(|info| info.target.to_string()));
    header.extend(rates.then(|| "best rate".to_owned()));
    wide.set_header(header);
    for case in cases() {
        let mut row = vec![Cell::new(&case.case)];
        row.extend(case.cells.iter().map(|cell| coloured(cell, shown(cell))));
        row.extend(rates.then(|| Cell::new(rate(case)).set_alignment(CellAlignment::Right)));
        wide.add_row(row);
    }
    let wide: Vec<String> = lines(&wide).collect();
    if look.holds(&wide) {
        return wide.into_iter().map(|line| line + "\n").collect();
    }
    narrow(&cases().collect::<Vec<_>>(), look)
}

/// A line with each case's name, and beneath it a row for each of its targets.
fn narrow(cases: &[&CaseRow], look: &Look) -> String {
    let mut table = look.table();
    table.set_header(["target", "time", "to best"]);
    for cell in cases.iter().flat_map(|case| &case.cells) {
        let ratio = cell.result.ratio_to_fastest.map(units::factor).unwrap_or_default();
        table.add_row([
            Cell::new(&cell.result.cell.target),
            coloured(cell, shown(cell)),
            Cell::new(ratio).set_alignment(CellAlignment::Right),
        ]);
    }
    let mut lines = lines(&table);
    let mut out: String = lines.by_ref().take(2).map(|line| format!("  {line}\n")).collect();
    for case in cases {
        let _ = writeln!(out, " {}", case.case);
        out.extend(lines.by_ref().take(case.cells.len()).map(|line| format!("  {line}\n")));
    }
    out
}

fn coloured(cell: &CellView, text: String) -> Cell {
    let shown = Cell::new(text);
    if cell.fastest {
        shown.fg(Color::Green).add_attribute(Attribute::Bold)
    } else if cell.result.estimate.is_none() {
        shown.fg(Color::Yellow)
    } else {
        shown
    }
}

/// A cell such as `1.24 ms ±0.8% *c [2]` or `unsupported [1]`.
fn shown(cell: &CellView) -> String {
    let mut text = match &cell.result.estimate {
        Some(estimate) => {
            let range = estimate.half_range().map(|share| format!(" {}", units::plus_minus(share)));
            format!("{}{}", units::time(estimate.median_ns), range.unwrap_or_default())
        }
        None => cell.result.outcome.to_string(),
    };
    let marks: String = [(cell.fastest, '*'), (cell.composed && cell.result.estimate.is_some(), 'c')]
        .into_iter()
        .filter_map(|(set, mark)| set.then_some(mark))
        .chain(flags(cell).map(words::flag_letter))
        .collect();
    if !marks.is_empty() {
        let _ = write!(text, " {marks}");
    }
    for note in &cell.footnotes {
        let _ = write!(text, " [{}]", note + 1);
    }
    text
}

fn flags(cell: &CellView) -> impl Iterator<Item = Flag> + '_ {
    cell.result.flags.iter().copied().filter(|_| cell.result.estimate.is_some())
}

fn rate(case: &CaseRow) -> String {
    let Some(rate) = case.best.map(units::rate) else { return String::new() };
    case.best_share.map_or(rate.clone(), |share| format!("{rate} ({} of roof)", units::share(share)))
}

/// The marks that stand in the tables, and no others.
fn legend(run: &RunReport) -> Vec<(String, &'static str)> {
    let cells = || {
        let cases = run.modes.iter().flat_map(|group| &group.workloads).flat_map(|workload| &workload.cases);
        cases.flat_map(|case| &case.cells).filter(|cell| cell.result.estimate.is_some())
    };
    let mut legend = Vec::new();
    if cells().any(|cell| cell.result.estimate.as_ref().is_some_and(|e| e.half_range().is_some())) {
        legend.push(("±".to_owned(), words::RANGE));
    }
    if cells().any(|cell| cell.fastest) {
        legend.push(("*".to_owned(), words::FASTEST));
    }
    if cells().any(|cell| cell.composed) {
        legend.push(("c".to_owned(), words::COMPOSED));
    }
    for flag in Flag::ALL {
        if cells().any(|cell| flags(cell).any(|other| other == flag)) {
            legend.push((words::flag_letter(flag).to_string(), words::flag_about(flag)));
        }
    }
    legend
}

#[cfg(test)]
mod tests;
