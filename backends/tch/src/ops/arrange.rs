//! The same elements in another arrangement.

use super::{axis_of, misfit, signed};
use crate::Tch;
use chipmark_core::OpResult;
use chipmark_core::ops::arrange::Arrange;
use tch::Tensor;

impl Arrange for Tch {
    fn concat(&self, a: &Tensor, b: &Tensor, axis: usize) -> OpResult<Tensor> {
        // libtorch leaves out whatever has the shape [0], whichever shape the other one has.
        if a.dim() != b.dim() {
            return Err(misfit("concat", &[a, b], "each must have as many axes as the other"));
        }
        let axis = axis_of("concat", a, axis)?;
        self.native("concat", "at::cat", Tensor::f_cat(&[a, b], axis))
    }

    fn reshape(&self, x: &Tensor, dims: &[usize]) -> OpResult<Tensor> {
        let dims = dims.iter().map(|&length| signed("reshape", length)).collect::<OpResult<Vec<i64>>>()?;
        self.native("reshape", "at::reshape (a view where there can be one)", x.f_reshape(dims))
    }

    fn swap_axes(&self, x: &Tensor, first: usize, second: usize) -> OpResult<Tensor> {
        let (first, second) = (axis_of("swap_axes", x, first)?, axis_of("swap_axes", x, second)?);
        self.native("swap_axes", "at::transpose (a view)", x.f_transpose(first, second))
    }
}
