//! Losses.

use super::{floats, indices};
use crate::{Synthetic, Tensor};
use chipmark_core::OpResult;
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::loss::Loss;

impl Loss for Synthetic {
    fn cross_entropy(&self, logits: &Tensor, classes: &Tensor) -> OpResult<Tensor> {
        let dtype = floats("cross_entropy", &[logits])?;
        indices("cross_entropy", classes)?;
        Ok(self.made("cross_entropy", shapes::cross_entropy(dtype, logits.shape(), classes.shape())?, dtype))
    }

    fn bce(&self, probabilities: &Tensor, targets: &Tensor) -> OpResult<Tensor> {
        let dtype = floats("bce", &[probabilities, targets])?;
        Ok(self.made("bce", shapes::bce(dtype, probabilities.shape(), targets.shape())?, dtype))
    }
}
