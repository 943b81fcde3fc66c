//! Losses.

use super::half::{in_f32, is_half};
use crate::Candle;
use crate::error::Named;
use candle_core::Tensor;
use chipmark_core::ops::loss::Loss;
use chipmark_core::{Backend, OpResult};

impl Loss for Candle {
    fn cross_entropy(&self, logits: &Tensor, classes: &Tensor) -> OpResult<Tensor> {
        self.log().composed(
            "cross_entropy",
            if is_half(logits) {
                "to_dtype f32, candle_nn::loss::cross_entropy (log_softmax, gather, sum_all, affine), to_dtype"
            } else {
                "candle_nn::loss::cross_entropy: log_softmax, gather, sum_all, affine"
            },
        );
        let run = || {
            let classes = classes.contiguous()?;
            in_f32(logits, |logits| candle_nn::loss::cross_entropy(logits, &classes))
        };
        run().named("cross_entropy")
    }

    /// candle has this loss of logits only.
    fn bce(&self, probabilities: &Tensor, targets: &Tensor) -> OpResult<Tensor> {
        self.log().composed(
            "bce",
            if is_half(probabilities) {
                "log, mul, affine, log, affine, mul, add, mean_all in f32, neg"
            } else {
                "log, mul, affine, log, affine, mul, add, mean_all, neg"
            },
        );
        let run = || {
            let ones = (targets * probabilities.log()?)?;
            let zeros = (targets.affine(-1.0, 1.0)? * probabilities.affine(-1.0, 1.0)?.log()?)?;
            in_f32(&(ones + zeros)?, Tensor::mean_all)?.neg()
        };
        run().named("bce")
    }
}
