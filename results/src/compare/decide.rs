//! Verdicts on all rows that have been tested, taken together: the more there are, the more each must show.

use super::{Pairing, Row, Rule, Verdict};
use crate::stats::multiple::holm;
use crate::stats::{Interval, mann_whitney, sign_flip};
use chipmark_core::Target;
use std::collections::BTreeMap;

/// The noise floor of each target, as a standard deviation of logarithms.
pub(super) type Floors = BTreeMap<Target, f64>;

/// How the reason begins of a row that could not have been decided.
const TOO_FEW: &str = "too few launches to prove anything";

/// Decides on every row that has a p-value, as some of `family` that were looked at: those that are not here count as tests that
/// found nothing. Returns on how many.
pub(super) fn decide(rows: &mut [Row], pairing: Pairing, family: usize, floors: &Floors, rule: &Rule) -> usize {
    let mut tested: Vec<(&mut Row, f64, Interval)> = rows
        .iter_mut()
        .filter_map(|row| {
            let (p, interval) = row.p.zip(row.interval)?;
            Some((row, p, interval))
        })
        .collect();
    let family = family.max(tested.len());
    let mut p: Vec<f64> = tested.iter().map(|(_, p, _)| *p).collect();
    p.resize(family, 1.0);
    for ((row, _, interval), p_adjusted) in tested.iter_mut().zip(holm(&p)) {
        let median_ns = row.a.map_or(f64::INFINITY, |time| time.median_ns);
        let delta = rule.delta(median_ns, floors.get(&row.cell.target).copied().unwrap_or(0.0));
        let interval = Interval { low: interval.low.ln(), high: interval.high.ln() };
        row.verdict = rule.decide(interval, p_adjusted, delta);
        row.p_adjusted = Some(p_adjusted);
        row.delta = Some(delta.exp_m1());
        // Of an earlier decision, among another number of cells.
        row.reason.take_if(|reason| reason.starts_with(TOO_FEW));
        if row.verdict == Verdict::Inconclusive && row.least_p(pairing) * family as f64 >= rule.alpha {
            row.reason.get_or_insert_with(|| format!("{TOO_FEW} among {family} cells"));
        }
    }
    tested.len()
}

/// Why there is no test of so many launches on each side.
pub(super) fn why_untested(pairing: Pairing, of_a: usize, of_b: usize) -> String {
    let most = match pairing {
        Pairing::Rounds => sign_flip::MOST_PAIRS,
        Pairing::None => mann_whitney::MOST,
    };
    let why = if of_a.max(of_b) > most {
        format!("the exact test takes at most {most}")
    } else {
        "an interval needs five of each".to_owned()
    };
    format!("{of_a} and {of_b} launches: {why}")
}

impl Row {
    /// The smallest p-value that so many launches can give.
    fn least_p(&self, pairing: Pairing) -> f64 {
        let launches = |time: Option<super::SideTime>| time.map_or(0, |time| time.launches);
        let (a, b) = (launches(self.a), launches(self.b));
        match pairing {
            Pairing::Rounds => 2.0 * 0.5f64.powf(a.min(b) as f64),
            Pairing::None => 2.0 / orders(a, b),
        }
    }
}

/// In how many ways two groups can be drawn of all their values.
fn orders(a: usize, b: usize) -> f64 {
    (1..=b).map(|k| (a + k) as f64 / k as f64).product()
}

#[cfg(all(test, feature = "fixture"))]
mod tests {
    use super::*;
    use crate::compare::Comparison;
    use crate::fixture::{self, CANDLE, TCH};

    #[test]
    fn a_row_that_is_decided_anew_has_the_reason_of_the_last_decision_alone() {
        let launches: Vec<[f64; 2]> = (0..8).map(|round| 1e6 + f64::from(round)).map(|ns| [ns, 1.5 * ns]).collect();
        let [a, b] = [CANDLE, TCH].map(|name| name.parse().unwrap());
        let mut comparison = Comparison::of_targets(&fixture::rounds(&launches), &a, &b, Rule::default());
        let mut among = |family| {
            decide(&mut comparison.rows, Pairing::Rounds, family, &Floors::new(), &comparison.rule);
            let row = &comparison.rows[0];
            (row.verdict, row.reason.clone())
        };
        let few = |cells| Some(format!("too few launches to prove anything among {cells} cells"));
        assert_eq!(among(50), (Verdict::Inconclusive, few(50)));
        assert_eq!(among(20), (Verdict::Inconclusive, few(20)));
        assert_eq!(among(1), (Verdict::Regressed, None));
    }
}
