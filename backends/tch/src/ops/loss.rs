//! Losses.

use super::misfit;
use crate::Tch;
use chipmark_core::OpResult;
use chipmark_core::ops::loss::Loss;
use tch::{Reduction, Tensor};

/// The class whose rows PyTorch leaves out, by its own default. Ours start at zero.
const LEFT_OUT: i64 = -100;

impl Loss for Tch {
    fn cross_entropy(&self, logits: &Tensor, classes: &Tensor) -> OpResult<Tensor> {
        let made = logits.f_cross_entropy_loss::<&Tensor>(classes, None, Reduction::Mean, LEFT_OUT, 0.0);
        self.native("cross_entropy", "at::cross_entropy_loss", made)
    }

    fn bce(&self, probabilities: &Tensor, targets: &Tensor) -> OpResult<Tensor> {
        if probabilities.size() != targets.size() {
            return Err(misfit("bce", &[probabilities, targets], "the shapes differ"));
        }
        let made = probabilities.f_binary_cross_entropy::<&Tensor>(targets, None, Reduction::Mean);
        self.native("bce", "at::binary_cross_entropy", made)
    }
}
