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
    /// (x − mean x) / √(var x + epsilon) along the last axis, var the mean of squares (Ba et al., 2016); then times a weight
    /// and plus a bias, both of the last axis's length, where they are given.
    fn layer_norm(
        &self,
        x: &Self::Tensor,
        weight_and_bias: Option<[&Self::Tensor; 2]>,
        epsilon: f64,
    ) -> OpResult<Self::Tensor> {
        unsupported!("layer_norm", x, weight_and_bias, epsilon)
    }
}
