//! What renderers show of the gate: its result, and what was waived.

use chipmark_core::Cell;
use chipmark_results::compare::{Comparison, Gate, GateResult, Verdict};
use serde::Serialize;
use std::collections::HashMap;

/// What the gate said of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateView {
    /// Its result.
    pub result: GateResult,
    /// The share of the first side's cells whose question was answered; nothing if it has none.
    pub coverage: Option<f64>,
    /// The smallest share that passes.
    pub min_coverage: f64,
    /// How many cells may be slower by what two stages were to find, and could not be decided.
    pub open: usize,
    /// The regressions and failures that are accepted.
    pub waived: Vec<Waived>,
    /// The waivers that match no cell, as `CASE TARGET MODE`.
    pub unused_waivers: Vec<String>,
}

/// A regression or failure that is accepted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Waived {
    /// The cell.
    #[serde(flatten)]
    pub cell: Cell,
    /// Why it is accepted.
    pub why: String,
}

impl GateView {
    /// Asks a gate about a comparison on a day, written as `2026-12-31`.
    #[must_use]
    pub fn new(gate: &Gate, comparison: &Comparison, today: &str) -> Self {
        let bad = comparison.rows.iter().filter(|row| matches!(row.verdict, Verdict::Regressed | Verdict::Failed));
        let waived = bad.filter_map(|row| {
            let waiver = gate.waivers.of(&row.cell, today)?;
            Some(Waived { cell: row.cell.clone(), why: waiver.why.clone() })
        });
        let unused = gate.waivers.unused(&comparison.rows).into_iter().map(|waiver| {
            let mode = waiver.mode.as_deref().unwrap_or("*");
            format!("{} {} {mode}", waiver.case, waiver.target)
        });
        GateView {
            result: gate.judge(comparison, today),
            coverage: Gate::coverage(comparison),
            min_coverage: gate.min_coverage,
            open: gate.open(comparison, today),
            waived: waived.collect(),
            unused_waivers: unused.collect(),
        }
    }
}

/// Why each waived cell is accepted; empty without a gate.
pub(super) fn waived(gate: Option<&GateView>) -> HashMap<&Cell, &str> {
    gate.iter().flat_map(|gate| &gate.waived).map(|waived| (&waived.cell, waived.why.as_str())).collect()
}
