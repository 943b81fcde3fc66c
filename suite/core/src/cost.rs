//! What a case costs by counting: arithmetic, traffic and memory.

use serde::{Deserialize, Serialize};

/// The counted cost of one call of a case's step, whatever the framework does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cost {
    /// Floating-point operations: a multiply-add counts two; exp, sqrt and division one each.
    pub flop: u64,
    /// Compulsory traffic in bytes: every input read once and every output written once.
    pub bytes: u64,
    /// Bytes that must be resident: all inputs, the outputs of one call, and what a step of several ops, or attention where it
    /// is composed, holds in between.
    pub working_set_bytes: u64,
}

impl Cost {
    /// The cost of a single op, whose compulsory traffic is its working set: inputs read once, outputs written once.
    #[must_use]
    pub fn streaming(flop: u64, input_bytes: u64, output_bytes: u64) -> Self {
        let bytes = input_bytes.saturating_add(output_bytes);
        Cost { flop, bytes, working_set_bytes: bytes }
    }
}
