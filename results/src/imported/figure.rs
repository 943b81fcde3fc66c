//! One figure of a published table.

use super::Fault;
use chipmark_core::{CaseId, Mode, Target};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// A time that somebody published, or the place where none stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The workload.
    pub workload: String,
    /// The case; none where the figure is the mean over the workload's cases in the table's source.
    #[serde(default)]
    pub case: Option<CaseId>,
    /// The target.
    pub target: Target,
    /// What was timed.
    pub mode: Mode,
    /// What was printed, digit for digit.
    pub printed: String,
    /// The time of one call in ns; none where what was printed tells none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_ns: Option<f64>,
    /// Whether there is a time, and why not.
    pub outcome: ImportedOutcome,
    /// What is known to be wrong with it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub faults: BTreeSet<Fault>,
}

impl Figure {
    /// The case's id; where it is the mean over the workload's cases, the workload's.
    #[must_use]
    pub fn subject(&self) -> String {
        self.case.as_ref().map_or_else(|| self.workload.clone(), ToString::to_string)
    }
}

/// What came of a figure. None of these is the outcome of a cell: nothing was measured or checked here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportedOutcome {
    /// There is a time.
    Imported,
    /// It was printed as `nan`.
    PrintedAsNan,
    /// It was printed as zero.
    BelowResolution,
}

impl ImportedOutcome {
    /// The name as it stands in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ImportedOutcome::Imported => "imported",
            ImportedOutcome::PrintedAsNan => "printed-as-nan",
            ImportedOutcome::BelowResolution => "below-resolution",
        }
    }
}

impl fmt::Display for ImportedOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
