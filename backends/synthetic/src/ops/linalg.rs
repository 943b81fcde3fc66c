//! Products of matrices.

use super::floats;
use crate::{Synthetic, Tensor};
use chipmark_core::OpResult;
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::linalg::Linalg;

impl Linalg for Synthetic {
    fn matmul(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        let dtype = floats("matmul", &[a, b])?;
        Ok(self.made("matmul", shapes::matmul(dtype, a.shape(), b.shape())?, dtype))
    }

    fn linear(&self, x: &Tensor, w: &Tensor, bias: &Tensor) -> OpResult<Tensor> {
        let dtype = floats("linear", &[x, w, bias])?;
        Ok(self.made("linear", shapes::linear(dtype, x.shape(), w.shape(), bias.shape())?, dtype))
    }
}
