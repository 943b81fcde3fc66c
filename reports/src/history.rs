//! Histories: the shifts of each cell's times over the runs.

use crate::look::{Look, lines};
use crate::text::clean;
use crate::units;
use chipmark_results::history::{History, SHORT};
use comfy_table::{Cell, CellAlignment};
use std::fmt::Write;

/// The shifts as a table for a terminal, by where they were measured, with what was looked at below.
#[must_use]
pub fn table(history: &History, runs: usize, look: &Look) -> String {
    let mut out = String::new();
    // Those of one place lie together.
    for group in history.series.chunk_by(|a, b| a.series.is_beside(&b.series)) {
        let mut table = look.table();
        table.set_header([
            "case",
            "target",
            "mode",
            "before",
            "after",
            "change",
            "p",
            "since run",
            "version",
            "blessed",
        ]);
        let mut rows = 0;
        for judged in group {
            for shift in &judged.shifts {
                let Some((last, first)) = judged.around(shift) else { continue };
                let version = if last.version == first.version {
                    clean(&first.version)
                } else {
                    format!("{} → {}", clean(&last.version), clean(&first.version))
                };
                let cell = &judged.series.cell;
                table.add_row([
                    Cell::new(&cell.case),
                    Cell::new(&cell.target),
                    Cell::new(cell.mode),
                    right(units::time(shift.before.mean_ns)),
                    right(units::time(shift.after.mean_ns)),
                    right(units::change(shift.ratio)),
                    right(units::probability(shift.p)),
                    Cell::new(format!("{} of {}", clean(&first.run_id), clean(&first.started_at))),
                    Cell::new(version),
                    Cell::new(shift.blessed.as_ref().map(|blessing| clean(&blessing.why)).unwrap_or_default()),
                ]);
                rows += 1;
            }
        }
        if let Some(first) = group.first().filter(|_| rows > 0) {
            let _ = writeln!(out, "{}", clean(&first.series.place()));
            lines(&table).for_each(|line| out.push_str(&(line + "\n")));
            out.push('\n');
        }
    }
    let (series, points, short) = history.counts();
    let shifts: usize = history.series.iter().map(|judged| judged.shifts.len()).sum();
    let _ = writeln!(
        out,
        "{shifts} shifts of {} or more in {series} series of {points} points from {runs} runs; {short} series have fewer than {SHORT} \
         points and were not judged",
        units::share(history.threshold)
    );
    out
}

fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}
