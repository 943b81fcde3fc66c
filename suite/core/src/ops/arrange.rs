//! The same elements in another arrangement.

use super::unsupported;
use crate::{Backend, OpResult};

/// Joining and rearranging. The result may be a view.
#[expect(clippy::missing_errors_doc, reason = "every op: OpError, by default Unsupported")]
pub trait Arrange: Backend {
    /// a and b one after the other along `axis`; every other dimension is equal.
    fn concat(&self, a: &Self::Tensor, b: &Self::Tensor, axis: usize) -> OpResult<Self::Tensor> {
        unsupported!("concat", a, b, axis)
    }
    /// The elements in row-major order, under other dimensions with the same product.
    fn reshape(&self, x: &Self::Tensor, dims: &[usize]) -> OpResult<Self::Tensor> {
        unsupported!("reshape", x, dims)
    }
    /// Two axes exchanged.
    fn swap_axes(&self, x: &Self::Tensor, first: usize, second: usize) -> OpResult<Self::Tensor> {
        unsupported!("swap_axes", x, first, second)
    }
}
