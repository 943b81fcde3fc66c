//! The tables of the public suite mlx-benchmark: a Markdown page of headings, each with a table of times in ms and of the
//! speed-ups between them, as contributors pasted them. Every row is taken or refused: a row that is passed over would be a
//! result that nobody misses.

mod columns;
mod faults;
mod heading;
mod op;
mod speed_up;

use super::printed::{Printed, Unit};
use super::{Fault, Figure, ImportedTable, MAX_FIGURES, Source, Statistic};
use crate::file_error::FileError;
use crate::plain::quoted;
use chipmark_core::{CaseId, Mode};
use columns::{Column, Columns};
use heading::Heading;
use speed_up::SpeedUp;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The longest line of a page, in bytes.
const MAX_LINE_BYTES: usize = 2000;

/// Lines between a heading and its table that say nothing of their own.
const CAPTIONS: [&str; 2] = ["Average benchmark:", "Detailed benchmark:"];

fn source() -> Source {
    Source {
        title: "mlx-benchmark".to_owned(),
        url: "https://github.com/TristanBilot/mlx-benchmark".to_owned(),
        licence: "MIT, Copyright (c) 2023 Tristan Bilot".to_owned(),
        authors: "Tristan Bilot and contributors".to_owned(),
    }
}

/// Reads the tables of a page; `path` is what errors name. A shape is taken if `is_case` knows the case that it is.
///
/// # Errors
/// The first line that cannot be read: a table without a heading or a heading without a table, a machine, column, op, shape,
/// time or speed-up that is none, or a row of another length than its table.
pub fn parse(path: &Path, text: &str, is_case: &dyn Fn(&CaseId) -> bool) -> Result<Vec<ImportedTable>, FileError> {
    let mut tables = Vec::new();
    let mut heading: Option<Line<'_>> = None;
    let lines = text.lines().zip(1..).map(|(text, number)| Line { number, text: text.trim() });
    let bad = |line: Line<'_>, what: String| FileError::line(path, line.number, what);
    if let Some(line) = lines.clone().find(|line| line.text.len() > MAX_LINE_BYTES) {
        return Err(bad(line, format!("the line is longer than {MAX_LINE_BYTES} bytes")));
    }
    let mut lines = lines.peekable();
    while let Some(line) = lines.next() {
        if line.text.starts_with('|') {
            let mut rows = vec![line];
            while let Some(row) = lines.next_if(|next| next.text.starts_with('|')) {
                rows.push(row);
            }
            let heading = heading.take().ok_or_else(|| bad(line, "a table without a heading above it".to_owned()))?;
            tables.push(table(heading, &rows, is_case).map_err(|(line, what)| bad(line, what))?);
        } else if line.text.contains('|') {
            return Err(bad(line, "a row of a table begins with '|'".to_owned()));
        } else if line.text.starts_with('#') {
            left_over(heading.take()).map_err(|(line, what)| bad(line, what))?;
        } else if !(line.text.is_empty() || line.text.starts_with("* ") || CAPTIONS.contains(&line.text)) {
            left_over(heading.replace(line)).map_err(|(line, what)| bad(line, what))?;
        }
    }
    left_over(heading).map_err(|(line, what)| bad(line, what))?;
    if tables.is_empty() {
        return Err(FileError::file(path, "there is no table in it"));
    }
    Ok(tables)
}

#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    number: usize,
    text: &'a str,
}

/// What is wrong, and where.
type Wrong<'a> = (Line<'a>, String);

/// A line that no table followed: prose may stand anywhere, a heading may not.
fn left_over(line: Option<Line<'_>>) -> Result<(), Wrong<'_>> {
    match line {
        Some(line) if line.text.starts_with("**") => Err((line, "a heading without a table below it".to_owned())),
        _ => Ok(()),
    }
}

fn table<'a>(
    title: Line<'a>,
    rows: &[Line<'a>],
    is_case: &dyn Fn(&CaseId) -> bool,
) -> Result<ImportedTable, Wrong<'a>> {
    let Heading { text, machine, versions, slug } = heading::parse(title.text).map_err(|what| (title, what))?;
    let [header, rest @ ..] = rows else { return Err((title, "a table without a line".to_owned())) };
    let names = cells(header.text).map_err(|what| (*header, what))?;
    let columns = Columns::parse(&names).map_err(|what| (*header, what))?;
    let [rule, rows @ ..] = rest else { return Err((*header, "a table without rows".to_owned())) };
    let is_rule = |cell: &&str| !cell.is_empty() && cell.bytes().all(|byte| matches!(byte, b'-' | b':'));
    if !cells(rule.text).is_ok_and(|cells| cells.len() == names.len() && cells.iter().all(is_rule)) {
        return Err((*rule, "below a table's header stands a line of dashes, as many as there are columns".to_owned()));
    }
    let mut figures = Vec::new();
    let mut is_average = None;
    for row in rows {
        let taken = figures_of(row.text, &columns, is_case).map_err(|what| (*row, what))?;
        let means = taken.first().map(|figure: &Figure| figure.case.is_none());
        if *is_average.get_or_insert(means) != means {
            return Err((*row, "a table has a shape in each of its rows or in none".to_owned()));
        }
        figures.extend(taken);
        if figures.len() > MAX_FIGURES {
            return Err((*row, format!("a table has at most {MAX_FIGURES} figures")));
        }
    }
    let Some(is_average) = is_average.flatten() else { return Err((*header, "a table without rows".to_owned())) };
    let kind = if is_average { "average" } else { "detailed" };
    Ok(ImportedTable {
        path: PathBuf::from(format!("{slug}-{kind}.jsonl")),
        source: source(),
        heading: text,
        machine,
        versions,
        statistic: Statistic::Mean,
        figures,
    })
}

/// The cells of a row.
fn cells(row: &str) -> Result<Vec<&str>, String> {
    let inner = row.strip_prefix('|').and_then(|rest| rest.strip_suffix('|'));
    inner
        .map(|inner| inner.split('|').map(str::trim).collect())
        .ok_or_else(|| "a row of a table ends in '|'".to_owned())
}

/// The figures of a row, each column's in turn, with the faults that show in it and those that are known.
fn figures_of(row: &str, columns: &Columns, is_case: &dyn Fn(&CaseId) -> bool) -> Result<Vec<Figure>, String> {
    let cells = cells(row)?;
    let Some((op, values)) = cells.split_first().filter(|(_, values)| values.len() == columns.all.len()) else {
        return Err(format!("{} cells in a table of {} columns", cells.len(), columns.all.len() + 1));
    };
    let (workload, case) = op::parse(op)?;
    if let Some(case) = case.as_ref().filter(|case| !is_case(case)) {
        return Err(format!("{} would be {case}, which is no case of the suite mlx-benchmark", quoted(op)));
    }
    let mut figures: Vec<Figure> = Vec::new();
    let mut times: Vec<Printed> = Vec::new();
    for (column, value) in columns.all.iter().zip(values) {
        if let Column::Time(target) = column {
            let printed = Printed::parse(value, Unit::Ms)?;
            let mut faults: BTreeSet<Fault> = faults::known(workload, target, columns.has_compiled());
            faults.extend(printed.fault());
            figures.push(Figure {
                workload: workload.to_owned(),
                case: case.clone(),
                target: target.clone(),
                mode: Mode::Latency,
                printed: (*value).to_owned(),
                time_ns: printed.time_ns(),
                outcome: printed.outcome(),
                faults,
            });
            times.push(printed);
        }
    }
    for (column, value) in columns.all.iter().zip(values) {
        if let Column::SpeedUp { of, over } = *column {
            let speed_up = SpeedUp::parse(value)?;
            let agrees = times.get(of).zip(times.get(over)).is_some_and(|(of, over)| speed_up.agrees(*of, *over));
            for place in [of, over] {
                if let Some(figure) = figures.get_mut(place).filter(|_| !agrees) {
                    figure.faults.insert(Fault::ContradictsSpeedUp);
                }
            }
        }
    }
    Ok(figures)
}

#[cfg(test)]
mod tests;
