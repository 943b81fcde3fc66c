//! Rankings: who wins, by how much, over what.

use crate::csv::{guarded, written};
use crate::look::{Look, lines};
use crate::units;
use chipmark_results::rank::{Place, Ranking, TIE};
use chipmark_results::stats::bootstrap::FEWEST;
use comfy_table::{Cell, CellAlignment};
use std::fmt::Write;

/// The rankings as tables for a terminal.
#[must_use]
pub fn table(rankings: &[Ranking], look: &Look) -> String {
    let mut out = String::new();
    for ranking in rankings {
        let Ranking { conditions, mode, common, cases, places, .. } = ranking;
        let conditions = crate::text::clean(&conditions.to_string());
        let _ = writeln!(out, "{conditions} · {mode} · {common} of {cases} cases are common to all");
        notices(ranking).iter().for_each(|notice| out.push_str(&format!("  {notice}\n")));
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

/// What a reader must know of a ranking.
fn notices(ranking: &Ranking) -> Vec<String> {
    let Ranking { launches, disturbed, unconverged, passed_over, common, places, .. } = ranking;
    let times = common * places.len();
    let mut notices = Vec::new();
    if (1..FEWEST).contains(launches) {
        notices.push(format!(
            "from {launches} launches a cell: an indication; --profile standard measures until ratios are known"
        ));
    }
    if *disturbed > 0 {
        notices.push(format!("{disturbed} of {times} times are from a disturbed machine"));
    }
    if *unconverged > 0 {
        notices.push(format!("{unconverged} of {times} times are known less well than was asked for"));
    }
    if *passed_over > 0 {
        notices.push(format!(
            "{passed_over} times of earlier files are passed over: a later file has the cell, or the target with other threads or \
             another precision"
        ));
    }
    notices
}

fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// The rankings as CSV, a line a place.
///
/// # Errors
/// Whatever the writer reports.
pub fn csv(rankings: &[Ranking]) -> Result<String, ::csv::Error> {
    const COLUMNS: [&str; 13] = [
        "chip",
        "conditions",
        "mode",
        "place",
        "target",
        "geometric_mean",
        "wins",
        "common_cases",
        "cases",
        "timed",
        "launches",
        "disturbed",
        "unconverged",
    ];
    let mut rows: Vec<Vec<String>> = Vec::new();
    for ranking in rankings {
        let text = |text: &str| guarded(&crate::text::clean(text));
        let (chip, conditions) = (text(&ranking.conditions.machine.chip), text(&ranking.conditions.to_string()));
        let Ranking { mode, common, cases, launches, disturbed, unconverged, .. } = ranking;
        for (place, Place { target, ratio, wins, timed }) in (1..).zip(&ranking.places) {
            let counts = [wins, common, cases, timed, launches, disturbed, unconverged].map(ToString::to_string);
            let place: usize = place;
            let of_ranking = [chip.clone(), conditions.clone(), mode.to_string()];
            let own = [place.to_string(), guarded(&target.to_string()), ratio.to_string()];
            rows.push(of_ranking.into_iter().chain(own).chain(counts).collect());
        }
    }
    written(&COLUMNS, rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::Colour;
    use chipmark_core::{Inputs, Mode};
    use chipmark_results::conditions::{Conditions, Machine};

    fn rankings() -> Vec<Ranking> {
        let place = |target: &str, ratio, wins, timed| Place { target: target.parse().unwrap(), ratio, wins, timed };
        let both = vec![place("tch:cpu", 1.05, 10, 12), place("candle:cpu", 3.25, 2, 13)];
        let machine = Machine {
            chip: "Apple M3 Max".to_owned(),
            arch: "aarch64".to_owned(),
            cores: Some(16),
            memory_gib: Some(64),
            gpus: Vec::new(),
        };
        let conditions =
            Conditions { machine, os: "macOS".to_owned(), inputs: Inputs::Warm, threads: None, tf32: false };
        let ranking = |mode, common, places| Ranking {
            conditions: conditions.clone(),
            mode,
            common,
            cases: 13,
            launches: if common > 0 { 8 } else { 0 },
            disturbed: 0,
            unconverged: 0,
            passed_over: 0,
            places,
        };
        vec![ranking(Mode::Latency, 12, both), ranking(Mode::Transfer, 0, Vec::new())]
    }

    #[test]
    fn as_a_table() {
        insta::assert_snapshot!(table(&rankings(), &Look { width: None, colour: Colour::Never }), @r"
    Apple M3 Max · aarch64 · 16 cores · 64 GiB · macOS · latency · 12 of 13 cases are common to all
         target       geometric mean   fastest in   cases in all
    ─────────────────────────────────────────────────────────────
     1   tch:cpu               1.05×           10             12
     2   candle:cpu            3.25×            2             13

    Apple M3 Max · aarch64 · 16 cores · 64 GiB · macOS · transfer · 0 of 13 cases are common to all
      no case has a time on every target: name fewer with --target

    geometric mean: of the time over the fastest target's, over the common cases; 1 is the fastest everywhere
    fastest in: of the common cases, within 2 % of the fastest
    ");
    }

    #[test]
    fn as_csv() {
        insta::assert_snapshot!(csv(&rankings()).unwrap(), @r"
    chip,conditions,mode,place,target,geometric_mean,wins,common_cases,cases,timed,launches,disturbed,unconverged
    Apple M3 Max,Apple M3 Max · aarch64 · 16 cores · 64 GiB · macOS,latency,1,tch:cpu,1.05,10,12,13,12,8,0,0
    Apple M3 Max,Apple M3 Max · aarch64 · 16 cores · 64 GiB · macOS,latency,2,candle:cpu,3.25,2,12,13,13,8,0,0
    ");
    }

    #[test]
    fn what_is_an_indication_says_so() {
        let mut rankings = rankings();
        let ranking = &mut rankings[0];
        assert_eq!(notices(ranking), Vec::<String>::new());
        (ranking.launches, ranking.disturbed, ranking.unconverged, ranking.passed_over) = (3, 2, 5, 7);
        let text = table(&rankings, &Look { width: None, colour: Colour::Never });
        for notice in [
            "  from 3 launches a cell: an indication",
            "  2 of 24 times are from a disturbed machine",
            "  5 of 24 times are known less well than was asked for",
            "  7 times of earlier files are passed over",
        ] {
            assert!(text.contains(notice), "{notice}: {text}");
        }
    }

    #[test]
    fn a_chip_is_no_formula() {
        let mut rankings = rankings();
        rankings[0].conditions.machine.chip = "=HYPERLINK(\"http://x\")".to_owned();
        let text = csv(&rankings).unwrap();
        let line = text.lines().nth(1).unwrap();
        assert!(line.starts_with("\"'=HYPERLINK(") && line.contains(",\"'=HYPERLINK("), "{line}");
    }
}
