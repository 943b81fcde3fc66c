//! Reductions and running sums.

use super::unsupported;
use crate::{Backend, OpResult};

/// Reductions over one axis or all.
#[expect(clippy::missing_errors_doc, reason = "every op: OpError, by default Unsupported")]
pub trait Reduce: Backend {
    /// The mean of all elements, with shape `[]`.
    fn mean_all(&self, x: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("mean_all", x)
    }
    /// The sum along `axis`, which is removed.
    fn sum(&self, x: &Self::Tensor, axis: usize) -> OpResult<Self::Tensor> {
        unsupported!("sum", x, axis)
    }
    /// The running sum along `axis`, which stays: of each element and all before it.
    fn cumsum(&self, x: &Self::Tensor, axis: usize) -> OpResult<Self::Tensor> {
        unsupported!("cumsum", x, axis)
    }
    /// The sum of all elements, with shape `[]`.
    fn sum_all(&self, x: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("sum_all", x)
    }
    /// The index of the largest element along `axis`, which is removed. Of equal elements, any.
    fn argmax(&self, x: &Self::Tensor, axis: usize) -> OpResult<Self::Tensor> {
        unsupported!("argmax", x, axis)
    }
}
