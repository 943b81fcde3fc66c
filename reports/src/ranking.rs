//! Rankings: who wins, by how much, over what.

use crate::look::{Look, lines};
use crate::units;
use chipmark_results::rank::{Place, Ranking, TIE};
use comfy_table::{Cell, CellAlignment};
use std::fmt::Write;

/// The rankings as tables for a terminal.
#[must_use]
pub fn table(rankings: &[Ranking], look: &Look) -> String {
    let mut out = String::new();
    for ranking in rankings {
        let Ranking { chip, mode, common, cases, places } = ranking;
        let _ = writeln!(out, "{} · {mode} · {common} of {cases} cases are common to all", crate::text::clean(chip));
        if places.is_empty() {
            out.push_str("  no case has a time on every target: name fewer with --target\n\n");
            continue;
        }
        let mut table = look.table();
        table.set_header(["", "target", "geometric mean", "fastest in", "cases in all"]);
        for (place, Place { target, ratio, wins, timed }) in places.iter().enumerate() {
            table.add_row([
                right(format!("{}", place + 1)),
                Cell::new(target),
                right(units::factor(*ratio)),
                right(format!("{wins}")),
                right(format!("{timed}")),
            ]);
        }
        lines(&table).for_each(|line| out.push_str(&(line + "\n")));
        out.push('\n');
    }
    let _ = writeln!(
        out,
        "geometric mean: of the time over the fastest target's, over the common cases; 1 is the fastest everywhere\n\
         fastest in: of the common cases, within {:.0} % of the fastest",
        100.0 * TIE
    );
    out
}

fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// The rankings as CSV, a line a place.
///
/// # Errors
/// Whatever the writer reports.
pub fn csv(rankings: &[Ranking]) -> Result<String, ::csv::Error> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "chip",
        "mode",
        "place",
        "target",
        "geometric_mean",
        "wins",
        "common_cases",
        "cases",
        "timed",
    ])?;
    for Ranking { chip, mode, common, cases, places } in rankings {
        for (place, Place { target, ratio, wins, timed }) in places.iter().enumerate() {
            let numbers = [wins, common, cases, timed].map(ToString::to_string);
            let [wins, common, cases, timed] = &numbers;
            let (place, target, ratio) = ((place + 1).to_string(), target.to_string(), ratio.to_string());
            let chip = crate::text::clean(chip);
            writer.write_record([&chip, mode.name(), &place, &target, &ratio, wins, common, cases, timed])?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| ::csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::Colour;
    use chipmark_core::Mode;

    fn rankings() -> Vec<Ranking> {
        let place = |target: &str, ratio, wins, timed| Place { target: target.parse().unwrap(), ratio, wins, timed };
        let both = vec![place("tch:cpu", 1.05, 10, 12), place("candle:cpu", 3.25, 2, 13)];
        let ranking =
            |mode, common, places| Ranking { chip: "Apple M3 Max".to_owned(), mode, common, cases: 13, places };
        vec![ranking(Mode::Latency, 12, both), ranking(Mode::Transfer, 0, Vec::new())]
    }

    #[test]
    fn as_a_table() {
        insta::assert_snapshot!(table(&rankings(), &Look { width: None, colour: Colour::Never }), @r"
    Apple M3 Max · latency · 12 of 13 cases are common to all
         target       geometric mean   fastest in   cases in all
    ─────────────────────────────────────────────────────────────
     1   tch:cpu               1.05×           10             12
     2   candle:cpu            3.25×            2             13

    Apple M3 Max · transfer · 0 of 13 cases are common to all
      no case has a time on every target: name fewer with --target

    geometric mean: of the time over the fastest target's, over the common cases; 1 is the fastest everywhere
    fastest in: of the common cases, within 2 % of the fastest
    ");
    }

    #[test]
    fn as_csv() {
        insta::assert_snapshot!(csv(&rankings()).unwrap(), @r"
    chip,mode,place,target,geometric_mean,wins,common_cases,cases,timed
    Apple M3 Max,latency,1,tch:cpu,1.05,10,12,13,12
    Apple M3 Max,latency,2,candle:cpu,3.25,2,12,13,13
    ");
    }
}
