//! The two stages of a decision: the pilot shows which cells are worth fresh rounds, and those alone decide. A cell is looked at
//! again because it stood out; to count that look as evidence would count it twice.

use super::{Comparison, Row, Rule, Verdict};
use crate::stats::power;
use chipmark_core::Cell;
use serde::Serialize;
use std::collections::HashMap;

/// A cell whose interval in the pilot is not clear of what matters is a candidate unless the change asked for is so many
/// standard errors away: one such cell in twenty-five that changed by just that much is passed over.
const DOUBT: f64 = 1.75;

/// The fewest and the most fresh rounds: the exact test takes no more pairs.
const ROUNDS: (u32, u32) = (10, 40);

/// The probability with which the fresh rounds are to prove a change of the size asked for.
const POWER: f64 = 0.97;

/// What the two stages spent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Stages {
    /// The change that was to be found, as a share of the time.
    pub detect: f64,
    /// The most launches of a cell in the pilot, on the second side.
    pub pilot_rounds: usize,
    /// The cells that the pilot could not put aside.
    pub candidates: usize,
    /// The fresh rounds that decided on those; zero where there was none.
    pub fresh_rounds: u32,
}

/// The cells that are worth fresh rounds, and how many it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Fresh {
    /// The cells.
    pub cells: Vec<Cell>,
    /// The rounds: what the noisiest of the cells needs, at least ten, at most forty.
    pub rounds: u32,
}

impl Comparison {
    /// What of a pilot is worth fresh rounds, if a change of `detect`, as a share of the time, is to be found.
    #[must_use]
    pub fn fresh(&self, detect: f64) -> Fresh {
        let rows: Vec<&Row> = self.rows.iter().filter(|row| row.may_have_changed(detect)).collect();
        let share = rows.len().max(1) as f64;
        let needed = rows.iter().filter_map(|row| {
            let launches = row.a?.launches.min(row.b?.launches) as f64;
            let deviation = row.error? * launches.sqrt();
            Some(rounds_needed(deviation, detect, row.delta?, share, &self.rule))
        });
        let rounds = needed.max().unwrap_or(ROUNDS.0).clamp(ROUNDS.0, ROUNDS.1);
        Fresh { cells: rows.into_iter().map(|row| row.cell.clone()).collect(), rounds }
    }

    /// The pilot with its candidates' rows replaced by what fresh rounds decided. What was put aside is equivalent as far as was
    /// asked: a change of `detect` is not there.
    #[must_use]
    pub fn decided_by(mut self, fresh: Option<Comparison>, rounds: u32, detect: f64) -> Comparison {
        let pilot_rounds = self.rows.iter().filter_map(|row| row.b).map(|time| time.launches).max().unwrap_or(0);
        let candidates = self.rows.iter().filter(|row| row.may_have_changed(detect)).count();
        let judged = fresh.as_ref().map_or(0, |fresh| fresh.judged);
        if let Some(fresh) = &fresh {
            self.a.take_notices(&fresh.a);
            self.b.take_notices(&fresh.b);
        }
        let fresh_rows = fresh.into_iter().flat_map(|fresh| fresh.rows);
        let mut decided: HashMap<Cell, Row> = fresh_rows.map(|row| (row.cell.clone(), row)).collect();
        for row in &mut self.rows {
            if row.may_have_changed(detect) {
                match decided.remove(&row.cell) {
                    Some(fresh) => *row = fresh,
                    None => row.undecided("its fresh rounds did not take place"),
                }
            } else if row.p.is_some() {
                row.verdict = Verdict::Equivalent;
                row.reason = Some(format!("the first rounds leave no room for a change of {:.1} %", 100.0 * detect));
            }
        }
        let fresh_rounds = if judged > 0 { rounds } else { 0 };
        self.stages = Some(Stages { detect, pilot_rounds, candidates, fresh_rounds });
        self
    }
}

impl Row {
    /// Whether a change of `detect` in either direction may be there, as far as this row's launches tell.
    fn may_have_changed(&self, detect: f64) -> bool {
        let (Some(ratio), Some(error)) = (self.ratio, self.error) else { return false };
        // What is clear of what matters is looked at even if it is less than was asked for.
        let clear = self
            .interval
            .zip(self.delta)
            .is_some_and(|(interval, delta)| interval.low > 1.0 + delta || interval.high < 1.0 / (1.0 + delta));
        if clear {
            return true;
        }
        ratio.ln().abs() + DOUBT * error >= detect.ln_1p()
    }

    fn undecided(&mut self, why: &str) {
        self.verdict = Verdict::Inconclusive;
        self.reason = Some(why.to_owned());
    }
}

/// How many rounds prove a change of `detect`: against zero by the test, at its share of alpha, and clear of `delta` by the
/// interval.
fn rounds_needed(deviation: f64, detect: f64, delta: f64, candidates: f64, rule: &Rule) -> u32 {
    let (detect, delta) = (detect.ln_1p(), delta.ln_1p());
    let test = power::rounds_needed(deviation, detect, rule.alpha / candidates, POWER);
    let clear = power::rounds_needed(deviation, (detect - delta).max(1e-6), 0.05, POWER);
    test.max(clear)
}
