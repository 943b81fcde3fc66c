//! A comparison for a terminal.

use super::{GateView, words};
use crate::look::lines;
use crate::model::Footnotes;
use crate::terminal::Look;
use crate::text::clean;
use crate::words::{flag as flag_name, flag_about, flag_letter};
use chipmark_results::compare::{Comparison, Row, Verdict};
use comfy_table::{Cell, CellAlignment, Color};
use std::fmt::Write;
use words::{RowText, TimeText};

/// Which rows to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// Those that are not equivalent.
    Changes,
    /// Every one.
    All,
}

/// How far the legend's texts are indented.
const MARK: usize = 14;

/// A comparison as text, ending in a newline: what was compared, the rows by attention, each target as a whole, and what
/// the words mean.
#[must_use]
pub fn table(comparison: &Comparison, look: &Look, show: Show) -> String {
    let mut out = String::new();
    head(&mut out, comparison, look);
    let mut rows = words::by_attention(comparison);
    rows.retain(|row| show == Show::All || row.verdict != Verdict::Equivalent);
    let mut notes = Footnotes::default();
    if !rows.is_empty() {
        out.push('\n');
        out.push_str(&of_rows(&rows, &mut notes, look));
    }
    let targets = of_targets(comparison, look);
    if !targets.is_empty() {
        out.push('\n');
        out.push_str(&targets);
    }
    out.push('\n');
    legend(&mut out, comparison, &rows, look);
    for (at, note) in notes.0.iter().enumerate() {
        look.paragraph(&mut out, &format!("{:<4}", format!("[{}]", at + 1)), note);
    }
    let hidden = comparison.rows.len() - rows.len();
    if hidden > 0 {
        look.paragraph(&mut out, "-   ", &format!("{hidden} equivalent not shown"));
    }
    for difference in &comparison.differences {
        look.paragraph(&mut out, "!   ", &format!("the sides differ in {}", clean(&difference.to_string())));
    }
    out
}

/// What the gate said as text, ending in a newline, with what was waived and which waivers match nothing.
#[must_use]
pub fn gate(gate: &GateView, look: &Look) -> String {
    let mut out = String::new();
    look.paragraph(&mut out, "", &format!("the {}", words::gate(gate)));
    for waived in &gate.waived {
        let cell = &waived.cell;
        let text = format!("{} {} {} is waived: {}", cell.case, cell.target, cell.mode, waived.why);
        look.paragraph(&mut out, "-   ", &clean(&text));
    }
    for waiver in &gate.unused_waivers {
        look.paragraph(
            &mut out,
            "!   ",
            &clean(&format!("the waiver of {waiver} matches no cell: delete it or correct it")),
        );
    }
    out
}

fn head(out: &mut String, comparison: &Comparison, look: &Look) {
    look.paragraph(out, "A   ", &words::side(&comparison.a));
    look.paragraph(out, "B   ", &words::side(&comparison.b));
    for line in words::conditions(comparison) {
        look.paragraph(out, "", &line.to_string());
    }
    look.paragraph(out, "", words::pairing(comparison));
    if !comparison.machines.is_empty() {
        look.paragraph(out, "!   ", words::TWO_MACHINES);
    }
    for difference in &comparison.machines {
        look.paragraph(out, "!   ", &clean(&difference.to_string()));
    }
    look.paragraph(out, "", &words::rule(comparison));
    if let Some(stages) = words::stages(comparison) {
        look.paragraph(out, "", &stages);
    }
    let counts = words::counts(&comparison.rows);
    look.paragraph(out, "", &format!("{}: {counts}", words::judged(comparison)));
    for line in words::notices(comparison) {
        look.paragraph(out, "!   ", &line.to_string());
    }
}

/// A row's cells but for its name, each number to the right; `times` are those of both sides.
fn numbers(times: [&str; 2], text: &RowText, row: &Row, notes: &mut Footnotes) -> Vec<Cell> {
    let [a, b] = times;
    let numbers = [a, b, &text.change, &text.interval, &text.p];
    let mut cells: Vec<Cell> = numbers.map(|text| Cell::new(text).set_alignment(CellAlignment::Right)).into();
    let mut verdict = row.verdict.to_string();
    if let Some(reason) = &text.reason {
        let _ = write!(verdict, " [{}]", notes.place(reason.clone()) + 1);
    }
    let verdict = Cell::new(verdict);
    cells.push(match row.verdict {
        Verdict::Regressed | Verdict::Failed => verdict.fg(Color::Red),
        Verdict::Improved => verdict.fg(Color::Green),
        Verdict::Inconclusive | Verdict::Incomparable | Verdict::Missing => verdict.fg(Color::Yellow),
        Verdict::Equivalent => verdict,
    });
    cells
}

/// A row each where the width allows, else the cell's name and its flags on a line of their own.
fn of_rows(rows: &[&Row], notes: &mut Footnotes, look: &Look) -> String {
    let header = ["A", "B", "change", "", "p", "verdict"];
    let texts: Vec<RowText> = rows.iter().map(|row| RowText::new(row)).collect();
    let (mut wide, mut narrow) = (look.table(), look.table());
    wide.set_header(["case", "target", "mode"].into_iter().chain(header));
    narrow.set_header(header);
    for (text, row) in texts.iter().zip(rows) {
        let name = [Cell::new(&text.case), Cell::new(&text.target), Cell::new(text.mode)];
        let (a, b) = (text.a.with_letters(), text.b.with_letters());
        wide.add_row(name.into_iter().chain(numbers([&a, &b], text, row, notes)));
        narrow.add_row(numbers([text.a.plain(), text.b.plain()], text, row, notes));
    }
    let wide: Vec<String> = lines(&wide).collect();
    if look.holds(&wide) {
        return wide.into_iter().map(|line| line + "\n").collect();
    }
    let mut lines = lines(&narrow);
    let mut out: String = lines.by_ref().take(2).map(|line| format!("  {line}\n")).collect();
    for (text, line) in texts.iter().zip(lines) {
        let _ = writeln!(out, " {} {} {}{}\n  {line}", text.case, text.target, text.mode, marks(text));
    }
    out
}

/// Both sides' flags behind a row's name, such as ` · A d · B dx`.
fn marks(text: &RowText) -> String {
    let of = |side: &str, time: &TimeText| {
        if time.is_flagged() { format!(" · {side} {}", time.letters()) } else { String::new() }
    };
    of("A", &text.a) + &of("B", &text.b)
}

/// A row for each target that has a mean or a noise floor; empty if none has.
fn of_targets(comparison: &Comparison, look: &Look) -> String {
    let targets = words::targets(comparison);
    if targets.is_empty() {
        return String::new();
    }
    let mut table = look.table();
    table.set_header(["target", "cells", "mean", "floor"]);
    for text in targets {
        let numbers = [text.cells, text.mean, text.floor];
        let numbers = numbers.map(|number| Cell::new(number).set_alignment(CellAlignment::Right));
        table.add_row(std::iter::once(Cell::new(text.target)).chain(numbers));
    }
    lines(&table).map(|line| line + "\n").collect()
}

/// The words that stand in the tables, and no others.
fn legend(out: &mut String, comparison: &Comparison, rows: &[&Row], look: &Look) {
    let mut entry = |mark: &str, about: &str| look.paragraph(out, &format!("{mark:<MARK$}"), about);
    if rows.iter().any(|row| row.ratio.is_some()) {
        entry("change", words::CHANGE);
    }
    if rows.iter().any(|row| row.p_adjusted.is_some()) {
        entry("p", words::P);
    }
    if !comparison.summaries.is_empty() {
        entry("mean", words::MEAN);
    }
    if comparison.floors.iter().any(|(_, floor)| *floor > 0.0) {
        entry("floor", words::FLOOR);
    }
    for flag in words::flags(comparison) {
        entry(&flag_letter(flag).to_string(), &format!("{}: {}", flag_name(flag), flag_about(flag)));
    }
    for verdict in Verdict::ALL {
        if rows.iter().any(|row| row.verdict == verdict) {
            entry(verdict.name(), verdict.about());
        }
    }
}
