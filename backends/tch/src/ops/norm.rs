//! Normalisations.

use super::axis_of;
use crate::Tch;
use chipmark_core::OpResult;
use chipmark_core::ops::norm::Norm;
use tch::Tensor;

impl Norm for Tch {
    fn softmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let axis = axis_of("softmax", x, axis)?;
        self.native("softmax", "at::softmax", x.f_softmax(axis, None))
    }
}
