//! The same elements in another arrangement.

use super::floats;
use crate::{Synthetic, Tensor};
use chipmark_core::OpResult;
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::arrange::Arrange;

impl Arrange for Synthetic {
    fn concat(&self, a: &Tensor, b: &Tensor, axis: usize) -> OpResult<Tensor> {
        let dtype = floats("concat", &[a, b])?;
        Ok(self.made("concat", shapes::concat(dtype, a.shape(), b.shape(), axis)?, dtype))
    }

    fn reshape(&self, x: &Tensor, dims: &[usize]) -> OpResult<Tensor> {
        let dtype = floats("reshape", &[x])?;
        Ok(self.made("reshape", shapes::reshape(dtype, x.shape(), dims)?, dtype))
    }

    fn swap_axes(&self, x: &Tensor, first: usize, second: usize) -> OpResult<Tensor> {
        let dtype = floats("swap_axes", &[x])?;
        Ok(self.made("swap_axes", shapes::swap_axes(dtype, x.shape(), first, second)?, dtype))
    }
}
