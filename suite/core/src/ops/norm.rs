//! Normalisations.

use super::unsupported;
use crate::{Backend, OpResult};

/// Normalisations along an axis.
#[expect(clippy::missing_errors_doc, reason = "every op: OpError, by default Unsupported")]
pub trait Norm: Backend {
    /// exp(xᵢ − max x) / Σ exp(xⱼ − max x) along `axis`.
    fn softmax(&self, x: &Self::Tensor, axis: usize) -> OpResult<Self::Tensor> {
        unsupported!("softmax", x, axis)
    }
}
