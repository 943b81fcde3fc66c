//! What is wrong with this suite's figures by what its source does, op by op. `suite/docs/HISTORICAL.md` tells how each was found.

use crate::imported::Fault;
use chipmark_core::Target;
use std::collections::BTreeSet;

/// The faults of a workload's figures on a target, in a table with or without times of compiled steps.
pub(super) fn known(workload: &str, target: &Target, has_compiled: bool) -> BTreeSet<Fault> {
    let is_mlx = target.framework == "mlx";
    let fault = match workload {
        // The change that brought compiling lost the axis.
        "softmax" | "argmax" | "sum" | "sort" => (is_mlx && has_compiled).then_some(Fault::AxisNotPassed),
        "scatter_sum" | "scatter_max" if is_mlx => Some(Fault::ScatterDiscarded),
        "scatter_sum" | "scatter_max" => Some(Fault::FirstColumnOnly),
        "bce" => Some(Fault::LogitsOnOneSide),
        "sdpa" => Some(Fault::MaskAllOnes),
        _ => None,
    };
    fault.into_iter().collect()
}
