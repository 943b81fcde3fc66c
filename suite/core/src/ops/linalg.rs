//! Linear algebra.

use super::unsupported;
use crate::{Backend, OpResult};

/// Products of matrices.
#[expect(clippy::missing_errors_doc, reason = "every op: OpError, by default Unsupported")]
pub trait Linalg: Backend {
    /// `[…, m, k]` · `[…, k, n]` → `[…, m, n]`, with equal leading dimensions; or b `[k, n]` under any a.
    fn matmul(&self, a: &Self::Tensor, b: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("matmul", a, b)
    }
    /// x · wᵀ + bias: x `[…, k]`, w `[n, k]`, bias `[n]` → `[…, n]`.
    fn linear(&self, x: &Self::Tensor, w: &Self::Tensor, bias: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("linear", x, w, bias)
    }
}
