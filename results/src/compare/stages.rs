//! The two stages of a decision: the pilot shows which cells are worth fresh rounds, and those alone decide. A cell is looked at
//! again because it stood out; to count that look as evidence would count it twice.

use super::decide::{Floors, decide};
use super::sides::summaries;
use super::{Comparison, Pairing, Row, Rule, Verdict};
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
    /// The most fresh launches of a candidate on the second side; zero where there was none.
    pub fresh_rounds: usize,
    /// Candidates in which so many rounds were too few to find the change as surely as was planned.
    pub short: usize,
}

/// The cells that are worth fresh rounds, and how many it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Fresh {
    /// The cells.
    pub cells: Vec<Cell>,
    /// The rounds: what the noisiest of the cells needs, at least ten, at most forty.
    pub rounds: u32,
    /// The cells for which the most rounds are too few.
    pub short: usize,
}

impl Comparison {
    /// What of a pilot is worth fresh rounds, if a change of `detect`, as a share of the time, is to be found.
    #[must_use]
    pub fn fresh(&self, detect: f64) -> Fresh {
        let rows: Vec<&Row> = self.rows.iter().filter(|row| row.is_candidate(detect, &self.rule)).collect();
        let alpha = self.rule.alpha / self.family(rows.len()) as f64;
        let needed: Vec<Option<u32>> =
            rows.iter().map(|row| row.rounds_needed(self.pairing, detect, alpha, &self.rule)).collect();
        Fresh {
            cells: rows.into_iter().map(|row| row.cell.clone()).collect(),
            rounds: needed.iter().map(|rounds| rounds.unwrap_or(ROUNDS.1)).max().unwrap_or(ROUNDS.0),
            short: needed.iter().filter(|rounds| rounds.is_none()).count(),
        }
    }

    /// Among how many tests those of so many candidates stand. Fresh rounds of both sides know nothing of why they were made. The
    /// launches of a baseline are the same in both stages: what stood out by them stands out again, so that every cell which
    /// they were held against counts.
    fn family(&self, candidates: usize) -> usize {
        match self.pairing {
            Pairing::Rounds => candidates.max(1),
            Pairing::None => self.judged.max(1),
        }
    }

    /// The pilot with its candidates' rows replaced by what fresh rounds say of those alone, by the larger of both stages' noise
    /// floors. The others keep the pilot's verdict, and are set aside: a change of `detect` is not there.
    #[must_use]
    pub fn decided_by(mut self, fresh: Option<Comparison>, detect: f64) -> Comparison {
        let Fresh { cells, short, .. } = self.fresh(detect);
        let family = self.family(cells.len());
        let pilot_rounds = most_launches(&self.rows);
        if let Some(fresh) = &fresh {
            self.a.take_notices(&fresh.a);
            self.b.take_notices(&fresh.b);
        }
        let (mut decided, floors) = fresh.map(|fresh| (fresh.rows, fresh.floors)).unwrap_or_default();
        decided.retain(|row| cells.contains(&row.cell));
        for (target, floor) in &mut self.floors {
            let other = floors.iter().find(|(other, _)| other == target).map_or(0.0, |(_, floor)| *floor);
            *floor = floor.max(other);
        }
        let floors: Floors = self.floors.iter().map(|(target, floor)| (target.clone(), floor.ln_1p())).collect();
        decide(&mut decided, self.pairing, family, &floors, &self.rule);
        let fresh_rounds = most_launches(&decided);
        let mut decided: HashMap<Cell, Row> = decided.into_iter().map(|row| (row.cell.clone(), row)).collect();
        for row in &mut self.rows {
            if row.is_candidate(detect, &self.rule) {
                match decided.remove(&row.cell) {
                    Some(fresh) => *row = fresh,
                    None => row.undecided("its fresh rounds did not take place"),
                }
            } else if row.p.is_some() {
                row.set_aside = true;
                if row.verdict != Verdict::Equivalent {
                    row.undecided(&format!("the first rounds leave no room for a change of {:.1} %", 100.0 * detect));
                }
            }
        }
        self.summaries = summaries(&self.rows);
        self.stages = Some(Stages { detect, pilot_rounds, candidates: cells.len(), fresh_rounds, short });
        self
    }
}

/// The most launches that a row has on the second side.
fn most_launches(rows: &[Row]) -> usize {
    rows.iter().filter_map(|row| row.b).map(|time| time.launches).max().unwrap_or(0)
}

impl Row {
    /// The logarithm of the change that is to be found here: what was asked for, but no less than twice what matters where the
    /// noise floor or the shortness of the call makes that more than the threshold.
    fn to_detect(&self, detect: f64, rule: &Rule) -> f64 {
        let delta = self.delta.unwrap_or(0.0).ln_1p();
        let is_raised = delta > rule.threshold.ln_1p() * (1.0 + 1e-9);
        if is_raised { detect.ln_1p().max(2.0 * delta) } else { detect.ln_1p() }
    }

    /// Whether a change of `detect` in either direction may be there, as far as this row's launches tell.
    fn is_candidate(&self, detect: f64, rule: &Rule) -> bool {
        let (Some(ratio), Some(error), Some(_)) = (self.ratio, self.error, self.p) else { return false };
        match self.verdict {
            Verdict::Equivalent => false,
            // What is clear of what matters is looked at even if it is less than was asked for.
            _ if self.is_clear() => true,
            _ => ratio.ln().abs() + DOUBT * error >= self.to_detect(detect, rule),
        }
    }

    /// Whether the interval lies beyond what matters.
    fn is_clear(&self) -> bool {
        self.interval
            .zip(self.delta)
            .is_some_and(|(interval, delta)| interval.low > 1.0 + delta || interval.high < 1.0 / (1.0 + delta))
    }

    /// Whether the second side may be slower by what was to be found, and nothing decided whether it is.
    #[must_use]
    pub(super) fn is_open(&self, detect: f64, rule: &Rule) -> bool {
        self.verdict == Verdict::Inconclusive
            && !self.set_aside
            && self.interval.is_none_or(|interval| interval.high.ln() >= self.to_detect(detect, rule))
    }

    /// How many fresh rounds prove a change of `detect`: against zero by the test at level `alpha`, and clear of what matters by the
    /// interval. Nothing where the most are too few.
    fn rounds_needed(&self, pairing: Pairing, detect: f64, alpha: f64, rule: &Rule) -> Option<u32> {
        let detect = self.to_detect(detect, rule);
        let to_delta = (detect - self.delta?.ln_1p()).max(1e-6);
        let needed = |deviation: f64| {
            let test = power::rounds_needed(deviation, detect, alpha, POWER);
            test.max(power::rounds_needed(deviation, to_delta, 0.05, POWER))
        };
        let (a, b) = self.a.zip(self.b)?;
        match pairing {
            Pairing::Rounds => {
                let rounds = needed(self.error? * (a.launches.min(b.launches) as f64).sqrt());
                (rounds <= ROUNDS.1).then_some(rounds.max(ROUNDS.0))
            }
            // The first side's launches are what they are: only the second's part of the doubt becomes less.
            Pairing::None => {
                let deviation = b.error? * (b.launches as f64).sqrt();
                let first = a.error?;
                (ROUNDS.0..=ROUNDS.1).find(|&rounds| {
                    let root = f64::from(rounds).sqrt();
                    needed(first.hypot(deviation / root) * root) <= rounds
                })
            }
        }
    }

    fn undecided(&mut self, why: &str) {
        self.verdict = Verdict::Inconclusive;
        self.reason = Some(why.to_owned());
    }
}
