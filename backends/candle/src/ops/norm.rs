//! Normalisations.

use crate::Candle;
use crate::error::Named;
use candle_core::Tensor;
use candle_nn::ops::{softmax, softmax_last_dim};
use chipmark_core::ops::norm::Norm;
use chipmark_core::{Backend, OpError, OpResult};

impl Norm for Candle {
    fn softmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        if x.elem_count() == 0 {
            return Err(OpError::framework("softmax", format!("{:?} has no elements", x.dims())));
        }
        // The kernel for the last axis has no backward, and would cut a gradient off without a word.
        if Some(axis) == x.rank().checked_sub(1) && !x.track_op() {
            self.log().native("softmax", "candle_nn::ops::softmax_last_dim");
            let run = || softmax_last_dim(&x.contiguous()?);
            return run().named("softmax");
        }
        self.log().composed("softmax", "candle_nn::ops::softmax: max, sub, exp, sum, div");
        softmax(x, axis).named("softmax")
    }
}
