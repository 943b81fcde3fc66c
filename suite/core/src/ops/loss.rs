//! Losses. Each must be differentiable where the backend has automatic differentiation.

use super::unsupported;
use crate::{Backend, OpResult};

/// Losses, reduced to their mean with shape `[]`.
#[expect(clippy::missing_errors_doc, reason = "every op: OpError, by default Unsupported")]
pub trait Loss: Backend {
    /// The mean over rows of log Σⱼ exp(xᵢⱼ) − xᵢ,classᵢ: logits `[n, c]`, classes `[n]` (indices) → `[]`.
    fn cross_entropy(&self, logits: &Self::Tensor, classes: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("cross_entropy", logits, classes)
    }
    /// Binary cross-entropy: the mean over all elements of −t·ln p − (1 − t)·ln(1 − p), probabilities p in (0, 1) and targets t
    /// in [0, 1], both of one shape → `[]`. Not of logits.
    fn bce(&self, probabilities: &Self::Tensor, targets: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("bce", probabilities, targets)
    }
}
