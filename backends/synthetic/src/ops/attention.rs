//! Attention.

use super::floats;
use crate::{Synthetic, Tensor};
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::attention::Attention;
use chipmark_core::{Mask, OpResult};

impl Attention for Synthetic {
    fn sdpa(&self, q: &Tensor, k: &Tensor, v: &Tensor, mask: Mask<'_, Tensor>, _scale: f64) -> OpResult<Tensor> {
        let dtype = floats("sdpa", &[q, k, v])?;
        let shape = match mask {
            Mask::None => shapes::sdpa(dtype, q.shape(), k.shape(), v.shape(), Mask::None),
            Mask::Causal => shapes::sdpa(dtype, q.shape(), k.shape(), v.shape(), Mask::Causal),
            Mask::Additive(mask) => {
                floats("sdpa", &[q, mask])?;
                shapes::sdpa(dtype, q.shape(), k.shape(), v.shape(), Mask::Additive(&&**mask.shape()))
            }
        };
        Ok(self.made("sdpa", shape?, dtype))
    }
}
