//! Losses.

use crate::Candle;
use crate::error::Named;
use candle_core::Tensor;
use chipmark_core::ops::loss::Loss;
use chipmark_core::{Backend, OpResult};

impl Loss for Candle {
    fn cross_entropy(&self, logits: &Tensor, classes: &Tensor) -> OpResult<Tensor> {
        self.log().composed("cross_entropy", "candle_nn::loss::cross_entropy: log_softmax, gather, sum_all, affine");
        let run = || candle_nn::loss::cross_entropy(logits, &classes.contiguous()?);
        run().named("cross_entropy")
    }
}
