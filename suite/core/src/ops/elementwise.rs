//! Elementwise ops. Two operands broadcast as in NumPy.

use super::unsupported;
use crate::{Backend, OpResult};

/// λ of [`Elementwise::selu`] (Klambauer et al., Self-Normalizing Neural Networks, 2017).
pub const SELU_SCALE: f64 = 1.050_700_987_355_480_5;
/// α of [`Elementwise::selu`].
pub const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;

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
    /// x where x > 0, slope · x elsewhere.
    fn leaky_relu(&self, x: &Self::Tensor, slope: f64) -> OpResult<Self::Tensor> {
        unsupported!("leaky_relu", x, slope)
    }
    /// [`Elementwise::leaky_relu`] whose slope is a tensor of shape `[1]`, as a learned one is (He et al., 2015).
    fn prelu(&self, x: &Self::Tensor, slope: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("prelu", x, slope)
    }
    /// λ·x where x > 0, λ·α·(eˣ − 1) elsewhere, with [`SELU_SCALE`] for λ and [`SELU_ALPHA`] for α.
    fn selu(&self, x: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("selu", x)
    }
    /// 1 / (1 + e⁻ˣ).
    fn sigmoid(&self, x: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("sigmoid", x)
    }
    /// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ).
    fn tanh(&self, x: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("tanh", x)
    }
    /// ln(1 + eˣ).
    fn softplus(&self, x: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("softplus", x)
    }
    /// x · Φ(x), Φ the normal distribution function: the exact form, with erf (Hendrycks and Gimpel, 2016).
    fn gelu(&self, x: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("gelu", x)
    }
    /// A tensor of its own with the same elements: every byte read and written.
    fn copy(&self, x: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("copy", x)
    }
    /// a + factor · b, of equal shapes: the triad of STREAM (`McCalpin`, 1995).
    fn triad(&self, a: &Self::Tensor, b: &Self::Tensor, factor: f64) -> OpResult<Self::Tensor> {
        unsupported!("triad", a, b, factor)
    }
    /// 1 where the index tensors a and b (both i64, or what the backend's argmax returns) are equal and 0 elsewhere,
    /// as f32.
    fn equal(&self, a: &Self::Tensor, b: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("equal", a, b)
    }
}
