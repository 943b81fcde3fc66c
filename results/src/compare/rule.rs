//! The rule that makes a verdict of an interval and a test: a change must be both beyond doubt and worth having.

use crate::stats::Interval;
use serde::Serialize;
use std::fmt;

/// What a change must be to count.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rule {
    /// The smallest change that matters, as a share of the time: 0.05 are five hundredths.
    pub threshold: f64,
    /// The probability of a false alarm over all the cells that are decided on.
    pub alpha: f64,
    /// The smallest change that matters in ns, whatever its share: of calls that take a microsecond, a twentieth is what
    /// another address of a buffer makes.
    pub least_ns: f64,
    /// A change must be so many times what the machine does without one ([`super::floor`]).
    pub floors: f64,
    /// The seed of the intervals' resamples.
    pub seed: u64,
}

impl Default for Rule {
    /// Five hundredths, 2 µs, three times the noise floor; one false alarm in twenty comparisons of whole files.
    fn default() -> Self {
        Rule { threshold: 0.05, alpha: 0.05, least_ns: 2_000.0, floors: 3.0, seed: 1 }
    }
}

impl Rule {
    /// How far the logarithm of a ratio must be from zero to matter, for a cell of `median_ns` whose framework scatters by
    /// `floor` (a logarithm too) between measurements of the same.
    #[must_use]
    pub fn delta(&self, median_ns: f64, floor: f64) -> f64 {
        let least = self.least_ns / median_ns.max(f64::MIN_POSITIVE);
        self.threshold.max(least).ln_1p().max(self.floors * floor)
    }

    /// The verdict on a cell by the interval of its log ratio and the test's p-value, adjusted for all the cells that are
    /// decided on.
    #[must_use]
    pub fn decide(&self, interval: Interval, p_adjusted: f64, delta: f64) -> Verdict {
        let proven = p_adjusted < self.alpha;
        if proven && interval.low > delta {
            Verdict::Regressed
        } else if proven && interval.high < -delta {
            Verdict::Improved
        } else if interval.low >= -delta && interval.high <= delta {
            Verdict::Equivalent
        } else {
            Verdict::Inconclusive
        }
    }
}

/// What is said about a cell of two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Slower, by more than matters, beyond doubt.
    Regressed,
    /// It had a time on the first side and came to nothing on the second: crashed, wrong, out of memory.
    Failed,
    /// Faster, by more than matters, beyond doubt.
    Improved,
    /// The interval reaches beyond what matters, but not clear of it.
    Inconclusive,
    /// Measured under conditions that cannot be compared.
    Incomparable,
    /// On one side alone.
    Missing,
    /// No change that would matter: the whole interval lies below it.
    Equivalent,
}

impl Verdict {
    /// Every verdict, what asks for attention first.
    pub const ALL: [Verdict; 7] = [
        Verdict::Regressed,
        Verdict::Failed,
        Verdict::Improved,
        Verdict::Inconclusive,
        Verdict::Incomparable,
        Verdict::Missing,
        Verdict::Equivalent,
    ];

    /// The word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Regressed => "regressed",
            Verdict::Failed => "failed",
            Verdict::Improved => "improved",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Incomparable => "incomparable",
            Verdict::Missing => "missing",
            Verdict::Equivalent => "equivalent",
        }
    }

    /// What it means, in one line.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Verdict::Regressed => "slower, by more than matters, beyond doubt",
            Verdict::Failed => "it had a time before, and has none now",
            Verdict::Improved => "faster, by more than matters, beyond doubt",
            Verdict::Inconclusive => "too much doubt to say: more launches would tell",
            Verdict::Incomparable => "measured under conditions that cannot be compared",
            Verdict::Missing => "on one side alone",
            Verdict::Equivalent => "no change that would matter",
        }
    }

    /// Whether it keeps a gate shut.
    #[must_use]
    pub fn is_bad(self) -> bool {
        matches!(self, Verdict::Regressed | Verdict::Failed)
    }

    /// Whether the question was answered.
    #[must_use]
    pub fn is_conclusive(self) -> bool {
        matches!(self, Verdict::Regressed | Verdict::Improved | Verdict::Equivalent)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
