//! Normalisations.

use super::floats;
use crate::{Synthetic, Tensor};
use chipmark_core::OpResult;
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::norm::Norm;

impl Norm for Synthetic {
    fn softmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let dtype = floats("softmax", &[x])?;
        Ok(self.made("softmax", shapes::along("softmax", dtype, x.shape(), axis)?, dtype))
    }

    fn layer_norm(&self, x: &Tensor, weight_and_bias: Option<[&Tensor; 2]>, _epsilon: f64) -> OpResult<Tensor> {
        let operands: Vec<&Tensor> = [x].into_iter().chain(weight_and_bias.into_iter().flatten()).collect();
        let dtype = floats("layer_norm", &operands)?;
        let affine = weight_and_bias.map(|pair| pair.map(|operand| &**operand.shape()));
        Ok(self.made("layer_norm", shapes::layer_norm(dtype, x.shape(), affine)?, dtype))
    }
}
