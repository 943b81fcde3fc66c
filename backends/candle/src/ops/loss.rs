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

    /// candle has this loss of logits only.
    fn bce(&self, probabilities: &Tensor, targets: &Tensor) -> OpResult<Tensor> {
        self.log().composed("bce", "log, mul, affine, log, affine, mul, add, mean_all, neg");
        let run = || {
            let ones = (targets * probabilities.log()?)?;
            let zeros = (targets.affine(-1.0, 1.0)? * probabilities.affine(-1.0, 1.0)?.log()?)?;
            (ones + zeros)?.mean_all()?.neg()
        };
        run().named("bce")
    }
}
