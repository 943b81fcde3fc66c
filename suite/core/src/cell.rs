//! The words for what is measured: case, mode, cell, tier, outcome.

use crate::{DType, Target};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A case's stable, readable, shell-safe id: `WORKLOAD/LABEL/DTYPE`, as in `matmul/1000x64x1024@1000x1024x32/f32`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CaseId {
    /// The workload's id.
    pub workload: String,
    /// The case's shapes and options.
    pub label: String,
    /// The element type.
    pub dtype: DType,
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}/{}", self.workload, self.label, self.dtype))
    }
}

impl FromStr for CaseId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("'{text}' is not a case id: write WORKLOAD/SHAPES/DTYPE");
        if text.len() > 200 {
            return Err("a case id has at most 200 characters".to_owned());
        }
        let safe = |part: &str| {
            !part.is_empty()
                && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '@' | '.' | '+'))
        };
        match text.split('/').collect::<Vec<_>>().as_slice() {
            [workload, label, dtype] if safe(workload) && safe(label) => {
                Ok(CaseId { workload: (*workload).to_owned(), label: (*label).to_owned(), dtype: dtype.parse()? })
            }
            _ => Err(bad()),
        }
    }
}

/// What is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// One call, waited for.
    Latency,
    /// Many calls submitted, waited for once; the fixed cost of waiting cancels.
    Throughput,
    /// From host buffers to host buffers: upload, one call, download.
    Transfer,
    /// The first call in a fresh process.
    FirstCall,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Mode; 4] = [Mode::Latency, Mode::Throughput, Mode::Transfer, Mode::FirstCall];

    /// The name as it stands in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mode::Latency => "latency",
            Mode::Throughput => "throughput",
            Mode::Transfer => "transfer",
            Mode::FirstCall => "first-call",
        }
    }

    /// What the mode's clock covers, in one line.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Mode::Latency => "one call and the wait for its outputs",
            Mode::Throughput => "calls submitted back to back and waited for once, per call, the wait cancelled out",
            Mode::Transfer => "upload of the inputs, one call, download of the outputs, per call",
            Mode::FirstCall => "the first call in a fresh process: compilation, kernel loading, autotuning",
        }
    }
}

/// How much work a case is: the same case at three sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Microseconds: for tests and for checking against the f64 reference.
    Tiny,
    /// Milliseconds on two CPU cores.
    Small,
    /// The shapes as published.
    Full,
}

impl Tier {
    /// Every tier.
    pub const ALL: [Tier; 3] = [Tier::Tiny, Tier::Small, Tier::Full];

    /// The name as it stands on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Tier::Tiny => "tiny",
            Tier::Small => "small",
            Tier::Full => "full",
        }
    }
}

/// What came of a cell. An outcome is a row, never a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Checked and timed.
    Ok,
    /// The framework cannot do it.
    Unsupported,
    /// It computed something else. It gets no time.
    Wrong,
    /// It needs, or needed, more memory than there is.
    OutOfMemory,
    /// The run's time was up before its turn.
    OverBudget,
    /// It did not end within its time limit.
    TimedOut,
    /// The worker process died.
    Crashed,
    /// Any other error.
    Failed,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Outcome; 8] = [
        Outcome::Ok,
        Outcome::Unsupported,
        Outcome::Wrong,
        Outcome::OutOfMemory,
        Outcome::OverBudget,
        Outcome::TimedOut,
        Outcome::Crashed,
        Outcome::Failed,
    ];

    /// The name as it stands in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Unsupported => "unsupported",
            Outcome::Wrong => "wrong",
            Outcome::OutOfMemory => "out-of-memory",
            Outcome::OverBudget => "over-budget",
            Outcome::TimedOut => "timed-out",
            Outcome::Crashed => "crashed",
            Outcome::Failed => "failed",
        }
    }
}

impl From<&crate::OpError> for Outcome {
    fn from(error: &crate::OpError) -> Self {
        match error {
            crate::OpError::Unsupported { .. } => Outcome::Unsupported,
            crate::OpError::OutOfMemory { .. } => Outcome::OutOfMemory,
            crate::OpError::Framework { .. } => Outcome::Failed,
        }
    }
}

macro_rules! named {
    ($($t:ident, $what:literal);*) => {$(
        impl fmt::Display for $t {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }
        impl FromStr for $t {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                $t::ALL.into_iter().find(|x| x.name() == text).ok_or_else(|| {
                    let names = $t::ALL.map(|x| x.name()).join(", ");
                    format!("unknown {} '{text}': one of {names}", $what)
                })
            }
        }
    )*};
}
named!(Mode, "mode"; Tier, "tier"; Outcome, "outcome");

impl Serialize for CaseId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CaseId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What is measured: a case on a target in a mode.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cell {
    /// What is computed.
    pub case: CaseId,
    /// By which framework, where.
    pub target: Target,
    /// What is timed.
    pub mode: Mode,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.target, self.case, self.mode)
    }
}
