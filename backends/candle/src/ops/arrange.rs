//! The same elements in another arrangement.

use crate::Candle;
use crate::error::Named;
use candle_core::Tensor;
use chipmark_core::ops::arrange::Arrange;
use chipmark_core::{Backend, OpResult};

impl Arrange for Candle {
    fn concat(&self, a: &Tensor, b: &Tensor, axis: usize) -> OpResult<Tensor> {
        self.log().native("concat", "Tensor::cat");
        Tensor::cat(&[a, b], axis).named("concat")
    }

    fn reshape(&self, x: &Tensor, dims: &[usize]) -> OpResult<Tensor> {
        self.log().native("reshape", "Tensor::reshape (a view, or a copy of what has gaps)");
        x.reshape(dims).named("reshape")
    }

    /// A view: no element is copied.
    fn swap_axes(&self, x: &Tensor, first: usize, second: usize) -> OpResult<Tensor> {
        self.log().native("swap_axes", "Tensor::transpose (a view)");
        x.transpose(first, second).named("swap_axes")
    }
}
