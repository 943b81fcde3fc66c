//! What is known to be wrong with published figures: one list, each fault with its name in records and a sentence for people.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Something that keeps a published figure from being what its row says, or from being known well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The axis was not passed to the framework.
    AxisNotPassed,
    /// The scatter's result was thrown away before it was computed.
    ScatterDiscarded,
    /// The scatter's index had one column alone.
    FirstColumnOnly,
    /// One framework took for logits what the other took for probabilities.
    LogitsOnOneSide,
    /// The causal mask was ones everywhere.
    MaskAllOnes,
    /// The way of the data to the device was left out of the clock.
    TransferNotTimed,
    /// The time was printed as zero.
    BelowResolution,
    /// The speed-up printed beside it cannot come from it.
    ContradictsSpeedUp,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Fault; 8] = [
        Fault::AxisNotPassed,
        Fault::ScatterDiscarded,
        Fault::FirstColumnOnly,
        Fault::LogitsOnOneSide,
        Fault::MaskAllOnes,
        Fault::TransferNotTimed,
        Fault::BelowResolution,
        Fault::ContradictsSpeedUp,
    ];

    /// The name as it stands in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Fault::AxisNotPassed => "axis-not-passed",
            Fault::ScatterDiscarded => "scatter-discarded",
            Fault::FirstColumnOnly => "first-column-only",
            Fault::LogitsOnOneSide => "logits-on-one-side",
            Fault::MaskAllOnes => "mask-all-ones",
            Fault::TransferNotTimed => "transfer-not-timed",
            Fault::BelowResolution => "below-resolution",
            Fault::ContradictsSpeedUp => "contradicts-speed-up",
        }
    }

    /// What it means for the figure, in one sentence.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Fault::AxisNotPassed => {
                "The axis was never passed to MLX: its softmax, argmax and sum worked over all elements at once, and its sort \
                 along the last axis whatever the row says."
            }
            Fault::ScatterDiscarded => {
                "MLX's result was thrown away before it was computed, so nothing was scattered: this is the time of doing \
                 nothing."
            }
            Fault::FirstColumnOnly => {
                "PyTorch was given an index of one column, and reduced only that column of the rows that it was to reduce."
            }
            Fault::LogitsOnOneSide => {
                "MLX took its inputs for logits and PyTorch for probabilities: two computations under one name."
            }
            Fault::MaskAllOnes => {
                "The causal mask came out as ones everywhere: a constant was added to every score, and nothing was masked."
            }
            Fault::TransferNotTimed => {
                "The data were on the device before the clock started: an epoch that begins with them on the host takes longer."
            }
            Fault::BelowResolution => {
                "It was printed as zero: the time is shorter than half a step of the last digit, and is not known."
            }
            Fault::ContradictsSpeedUp => {
                "The speed-up printed in the same row does not follow from this time and its partner, however they were \
                 rounded: one of the three is of another measurement."
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
