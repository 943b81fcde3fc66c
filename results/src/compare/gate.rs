//! The gate of a continuous integration: a comparison with its waivers and its coverage, and what to exit with.

use super::{Comparison, Row, Verdict};
use crate::toml_text;
use chipmark_core::Cell;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What a comparison must be to pass.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gate {
    /// The smallest share of the baseline's cells whose question must be answered.
    pub min_coverage: f64,
    /// Regressions that are accepted.
    pub waivers: Waivers,
}

/// What the gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateResult {
    /// Nothing regressed, nothing failed, enough was answered.
    Pass,
    /// Something regressed beyond doubt, and is not waived.
    Regression,
    /// Too little was answered, or something may be slower by what was to be found, and could not be decided.
    Inconclusive,
    /// A cell that had a time came to nothing, and is not waived.
    Failure,
}

/// Cells whose regressions or failures are accepted: a TOML file of `[[waiver]]` tables.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waivers {
    /// Each waiver.
    #[serde(default, rename = "waiver")]
    pub list: Vec<Waiver>,
}

/// Some cells that are accepted as they are, and why.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// A pattern of case ids with `*` and `?`.
    pub case: String,
    /// A pattern of targets; left out, every one.
    #[serde(default = "any")]
    pub target: String,
    /// A mode; left out, every one.
    pub mode: Option<String>,
    /// Why. A waiver without a reason is none.
    pub why: String,
    /// The last day on which it holds, as `2026-12-31`; left out, for good.
    pub until: Option<String>,
}

fn any() -> String {
    "*".to_owned()
}

impl Waivers {
    /// Reads a file of waivers.
    ///
    /// # Errors
    /// One line with the file and what is wrong in it.
    pub fn read(path: &Path) -> Result<Self, String> {
        let at = path.display();
        let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read the waivers {at}: {error}"))?;
        let waivers: Waivers =
            toml_text::parse(&text).map_err(|(line, what)| format!("waivers {at}, line {line}: {what}"))?;
        for waiver in &waivers.list {
            if waiver.why.trim().is_empty() {
                return Err(format!("waivers {at}: the waiver of {} says no reason: write why = \"...\"", waiver.case));
            }
            for pattern in [&waiver.case, &waiver.target] {
                glob(pattern)
                    .map_err(|error| format!("waivers {at}: '{pattern}' is not a pattern: {}", error.kind()))?;
            }
            if waiver.until.as_ref().is_some_and(|day| !is_day(day)) {
                return Err(format!("waivers {at}: the waiver of {}: write until = \"YYYY-MM-DD\"", waiver.case));
            }
        }
        Ok(waivers)
    }

    /// The waiver of a cell that holds on a day, written as `2026-12-31`.
    #[must_use]
    pub fn of(&self, cell: &Cell, today: &str) -> Option<&Waiver> {
        self.list.iter().find(|waiver| {
            matches(&waiver.case, &cell.case.to_string())
                && matches(&waiver.target, &cell.target.to_string())
                && waiver.mode.as_ref().is_none_or(|mode| mode == cell.mode.name())
                && waiver.until.as_ref().is_none_or(|until| today <= until.as_str())
        })
    }

    /// The waivers that match no row: they can be deleted, or are misspelt.
    #[must_use]
    pub fn unused(&self, rows: &[Row]) -> Vec<&Waiver> {
        let used = |waiver: &&Waiver| {
            let alone = Waivers { list: vec![Waiver { until: None, ..(*waiver).clone() }] };
            rows.iter().any(|row| alone.of(&row.cell, "").is_some())
        };
        self.list.iter().filter(|waiver| !used(waiver)).collect()
    }
}

fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    matches!(parts.as_slice(), [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2))
}

/// Whether a pattern with `*` and `?` matches all of a text.
fn matches(pattern: &str, text: &str) -> bool {
    glob(pattern).is_ok_and(|glob| glob.is_match(text))
}

fn glob(pattern: &str) -> Result<globset::GlobMatcher, globset::Error> {
    globset::Glob::new(pattern).map(|glob| glob.compile_matcher())
}

impl Gate {
    /// What the gate says of a comparison on a day, written as `2026-12-31`. A failure weighs more than a regression: of what
    /// failed nobody knows how slow it is.
    #[must_use]
    pub fn judge(&self, comparison: &Comparison, today: &str) -> GateResult {
        let unwaived = |verdict| comparison.with(verdict).any(|row| self.waivers.of(&row.cell, today).is_none());
        if unwaived(Verdict::Failed) {
            GateResult::Failure
        } else if unwaived(Verdict::Regressed) {
            GateResult::Regression
        } else if Gate::coverage(comparison).is_none_or(|share| share < self.min_coverage)
            || self.open(comparison, today) > 0
        {
            GateResult::Inconclusive
        } else {
            GateResult::Pass
        }
    }

    /// How many cells may be slower by what two stages were to find, and could not be decided; waived ones aside.
    #[must_use]
    pub fn open(&self, comparison: &Comparison, today: &str) -> usize {
        let Some(stages) = comparison.stages else { return 0 };
        let open = comparison.rows.iter().filter(|row| row.is_open(stages.detect, &comparison.rule));
        open.filter(|row| self.waivers.of(&row.cell, today).is_none()).count()
    }

    /// The share of the first side's cells whose question was answered; nothing if it has none. What a first stage set aside was:
    /// the change that was to be found is not there.
    #[must_use]
    pub fn coverage(comparison: &Comparison) -> Option<f64> {
        let of = comparison.rows.iter().filter(|row| row.a.is_some());
        let all = of.clone().count();
        let answered = of.filter(|row| row.verdict.is_conclusive() || row.set_aside).count();
        (all > 0).then(|| answered as f64 / all as f64)
    }
}
