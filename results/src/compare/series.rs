//! What one side knows of a cell, as the tests want it: the logarithm of each launch's median, by round.

use crate::cells::CellResult;
use crate::stats::bootstrap::Bootstrap;
use crate::stats::mann_whitney::MannWhitney;
use crate::stats::{Interval, sign_flip, summary};
use serde::Serialize;
use std::collections::BTreeMap;

/// Whether two sides were measured in the same rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pairing {
    /// In the same rounds of one run: each round's two launches are a pair.
    Rounds,
    /// In different runs: launches of one side have nothing to do with those of the other.
    None,
}

/// The launches of a cell on one side.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// The natural logarithm of each launch's median time of a call in ns, with its round.
    pub launches: Vec<(u32, f64)>,
}

/// What two series say about the ratio of their times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Contrast {
    /// The logarithm of the second side's time over the first's: the mean over the pairs, or the difference of the means.
    pub ln_ratio: f64,
    /// Its standard error.
    pub error: f64,
    /// Its 95% interval.
    pub interval: Interval,
    /// The exact test's p-value: how likely so large a difference is if there is none.
    pub p: f64,
}

/// Resamples and distributions that one cell after the other needs again.
pub(super) struct Tests {
    bootstrap: Bootstrap,
    mann_whitney: MannWhitney,
}

impl Tests {
    pub(super) fn new(seed: u64) -> Self {
        Tests { bootstrap: Bootstrap::new(seed), mann_whitney: MannWhitney::default() }
    }
}

impl Series {
    /// The launches of a cell that has a time; none of one that has not.
    #[must_use]
    pub fn of(cell: &CellResult) -> Self {
        let medians = cell.estimate.iter().flat_map(|estimate| &estimate.launch_medians_ns);
        Series { launches: cell.rounds.iter().copied().zip(medians.map(|ns| ns.ln())).collect() }
    }

    /// The logarithms alone, in the order of the rounds.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        self.launches.iter().map(|(_, ln)| *ln).collect()
    }

    /// The difference of the logarithms in each round that both have: `other` less this.
    #[must_use]
    pub fn paired(&self, other: &Series) -> Vec<f64> {
        // A resumed run may have measured a cell twice in a round: the later launch stands.
        let later: BTreeMap<u32, f64> = other.launches.iter().copied().collect();
        let own: BTreeMap<u32, f64> = self.launches.iter().copied().collect();
        own.iter().filter_map(|(round, ln)| Some(later.get(round)? - ln)).collect()
    }

    /// What the two say about the ratio; nothing where there are too few launches for an interval.
    pub(super) fn contrast(&self, other: &Series, pairing: Pairing, tests: &mut Tests) -> Option<Contrast> {
        match pairing {
            Pairing::Rounds => {
                let differences = self.paired(other);
                Some(Contrast {
                    ln_ratio: summary::mean(&differences)?,
                    error: error(&differences)?,
                    interval: tests.bootstrap.mean_interval(&differences)?,
                    p: sign_flip::p_value(&differences)?,
                })
            }
            Pairing::None => {
                let (a, b) = (self.values(), other.values());
                Some(Contrast {
                    ln_ratio: summary::mean(&b)? - summary::mean(&a)?,
                    error: error(&a)?.hypot(error(&b)?),
                    interval: tests.bootstrap.difference_interval(&a, &b)?,
                    p: tests.mann_whitney.p_value(&a, &b)?,
                })
            }
        }
    }
}

/// The standard error of a mean; nothing of fewer than two values.
pub(super) fn error(values: &[f64]) -> Option<f64> {
    Some(summary::standard_deviation(values)? / (values.len() as f64).sqrt())
}
