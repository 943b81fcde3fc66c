//! Attention.

use super::unsupported;
use crate::{Backend, OpResult};

/// What a query may attend to.
#[derive(Debug)]
pub enum Mask<'a, T> {
    /// Every key.
    None,
    /// The keys up to the query's own position. There are as many keys as queries.
    Causal,
    /// Whatever this tensor `[l, s]`, added to the scores, leaves: 0 keeps a key, −∞ hides it.
    Additive(&'a T),
}

// Not derived: that would ask for tensors that can be copied, where only a borrow of one is.
impl<T> Clone for Mask<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Mask<'_, T> {}

/// Attention.
#[expect(clippy::missing_errors_doc, reason = "every op: OpError, by default Unsupported")]
pub trait Attention: Backend {
    /// softmax(scale · q·kᵀ + mask) · v, head by head: q `[b, h, l, d]`, k and v `[b, g, s, d]` → `[b, h, l, d]`. h is a
    /// multiple of g; each head of k and v serves h/g neighbouring heads of q (Ainslie et al., 2023).
    fn sdpa(
        &self,
        q: &Self::Tensor,
        k: &Self::Tensor,
        v: &Self::Tensor,
        mask: Mask<'_, Self::Tensor>,
        scale: f64,
    ) -> OpResult<Self::Tensor> {
        let _ = mask;
        unsupported!("sdpa", q, k, v, scale)
    }
}
