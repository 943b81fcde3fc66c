//! Elementwise ops. Two operands broadcast as in NumPy.

use super::unsupported;
use crate::{Backend, OpResult};

/// Elementwise ops on floats.
#[expect(clippy::missing_errors_doc, reason = "every op: OpError, by default Unsupported")]
pub trait Elementwise: Backend {
    /// a + b.
    fn add(&self, a: &Self::Tensor, b: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("add", a, b)
    }
    /// a − b.
    fn sub(&self, a: &Self::Tensor, b: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("sub", a, b)
    }
    /// a · b.
    fn mul(&self, a: &Self::Tensor, b: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("mul", a, b)
    }
    /// a / b.
    fn div(&self, a: &Self::Tensor, b: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("div", a, b)
    }
    /// factor · x + offset, in x's dtype.
    fn affine(&self, x: &Self::Tensor, factor: f64, offset: f64) -> OpResult<Self::Tensor> {
        unsupported!("affine", x, factor, offset)
    }
    /// √x.
    fn sqrt(&self, x: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("sqrt", x)
    }
    /// max(x, 0).
    fn relu(&self, x: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("relu", x)
    }
    /// 1 where the index tensors a and b (both i64, or what the backend's argmax returns) are equal and 0 elsewhere,
    /// as f32.
    fn equal(&self, a: &Self::Tensor, b: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("equal", a, b)
    }
}
