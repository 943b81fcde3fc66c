//! What the program that validates knows and this crate does not: its suites, cases and frameworks.

use crate::record::{Against, TargetInfo};
use chipmark_core::{CaseId, Cost, Mode, Tier};
use std::collections::HashSet;
use std::sync::Arc;

/// What is known of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseFacts {
    /// Its id, in its one spelling.
    pub case: CaseId,
    /// What one call costs by counting.
    pub cost: Cost,
    /// The modes in which it can be timed.
    pub modes: Vec<Mode>,
    /// The case at the smaller shape at which it is checked first; it may be itself.
    pub reduced: CaseId,
}

/// What `bench` knows. It is asked from several threads.
pub trait Catalogue: Sync {
    /// The version of this program, such as `0.1.0`.
    fn harness_version(&self) -> &str;

    /// The cases of a built-in suite at a tier, or at its own; none where no built-in suite has this name.
    fn cases_of(&self, suite: &str, tier: Option<Tier>) -> Option<Arc<HashSet<CaseId>>>;

    /// What is known of a case; none where no workload has it.
    fn case(&self, case: &CaseId) -> Option<CaseFacts>;

    /// The largest bound that a check of a case at this shape allows, against this, with TF32's error or without. None where no
    /// workload has the case.
    fn largest_bound(&self, compared: &CaseId, against: Against, tf32: bool) -> Option<f64>;

    /// Whether a framework computes what it is asked for; none where it is not known.
    fn computes(&self, framework: &str) -> Option<bool>;

    /// Whether a target's variables are those that a built-in suite gives it; no variables are.
    fn is_built_in(&self, target: &TargetInfo) -> bool;
}
