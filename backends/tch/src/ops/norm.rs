//! Normalisations.

use super::{axis_of, misfit};
use crate::Tch;
use chipmark_core::OpResult;
use chipmark_core::ops::norm::Norm;
use tch::Tensor;

impl Norm for Tch {
    fn softmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let axis = axis_of("softmax", x, axis)?;
        self.native("softmax", "at::softmax", x.f_softmax(axis, None))
    }

    fn layer_norm(&self, x: &Tensor, weight_and_bias: Option<[&Tensor; 2]>, epsilon: f64) -> OpResult<Tensor> {
        let Some(&last) = x.size().last() else {
            return Err(misfit("layer_norm", &[x], "there is no axis"));
        };
        let [weight, bias] = weight_and_bias.map_or([None, None], |pair| pair.map(Some));
        let made = x.f_layer_norm(last, weight, bias, epsilon, true);
        self.native("layer_norm", "at::layer_norm", made)
    }
}
