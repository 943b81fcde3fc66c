//! Optimisers: one functional update of one parameter, composed from elementwise ops unless a backend overrides it.

use super::elementwise::Elementwise;
use crate::OpResult;

/// The constants of Adam.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adam {
    /// Learning rate.
    pub rate: f64,
    /// Weight decay, added to the gradient (L2).
    pub decay: f64,
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Added to the denominator.
    pub epsilon: f64,
}

/// A parameter and its moments, before or after an update.
pub struct AdamState<T> {
    /// The parameter.
    pub param: T,
    /// Mean of gradients.
    pub m: T,
    /// Mean of squared gradients.
    pub v: T,
}

/// Optimisers.
pub trait Optim: Elementwise {
    /// One step of Adam with L2 decay (Kingma and Ba, 2015, algorithm 1; epsilon outside the root, as PyTorch has it):
    /// g ← g + decay·p; m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; p ← p − rate · (m/(1−β₁ᵗ)) / (√(v/(1−β₂ᵗ)) + ε).
    /// `corrections` are 1 − β₁ᵗ and 1 − β₂ᵗ as tensors of shape `[1]`, so that a compiled step need not be compiled anew for
    /// each t. Not the powers: with β₂ᵗ in f32, so near to one, the difference would lose half of its digits.
    ///
    /// # Errors
    /// Those of the elementwise ops.
    fn adam(
        &self,
        adam: &Adam,
        state: &AdamState<&Self::Tensor>,
        grad: &Self::Tensor,
        corrections: [&Self::Tensor; 2],
    ) -> OpResult<AdamState<Self::Tensor>> {
        self.log().composed("adam", "elementwise ops");
        let grad = self.add(grad, &self.affine(state.param, adam.decay, 0.0)?)?;
        let m = self.add(&self.affine(state.m, adam.beta1, 0.0)?, &self.affine(&grad, 1.0 - adam.beta1, 0.0)?)?;
        let squared = self.mul(&grad, &grad)?;
        let v = self.add(&self.affine(state.v, adam.beta2, 0.0)?, &self.affine(&squared, 1.0 - adam.beta2, 0.0)?)?;
        let m_hat = self.div(&m, corrections[0])?;
        let v_hat = self.div(&v, corrections[1])?;
        let denominator = self.affine(&self.sqrt(&v_hat)?, 1.0, adam.epsilon)?;
        let step = self.affine(&self.div(&m_hat, &denominator)?, adam.rate, 0.0)?;
        let param = self.sub(state.param, &step)?;
        Ok(AdamState { param, m, v })
    }
}
