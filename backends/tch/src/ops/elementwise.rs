//! Elementwise ops.

use super::misfit;
use crate::Tch;
use crate::shim::tensors;
use chipmark_core::OpResult;
use chipmark_core::ops::elementwise::Elementwise;
use tch::{Kind, Tensor};

impl Elementwise for Tch {
    fn add(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.native("add", "at::add", a.f_add(b))
    }

    fn sub(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.native("sub", "at::sub", a.f_sub(b))
    }

    fn mul(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.native("mul", "at::mul", a.f_mul(b))
    }

    fn div(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.native("div", "at::div", a.f_div(b))
    }

    #[expect(clippy::float_cmp, reason = "only the exact identity can be left out")]
    fn affine(&self, x: &Tensor, factor: f64, offset: f64) -> OpResult<Tensor> {
        // What a user of PyTorch would write: no product by one, no sum with zero.
        match (factor == 1.0, offset == 0.0) {
            (false, true) => self.native("affine", "at::mul", x.f_mul_scalar(factor)),
            (true, false) => self.native("affine", "at::add", x.f_add_scalar(offset)),
            (true, true) => self.native("affine", "the tensor itself", Ok(x.shallow_clone())),
            (false, false) => {
                let made = x.f_mul_scalar(factor).and_then(|scaled| scaled.f_add_scalar(offset));
                self.composed("affine", "at::mul, at::add", made)
            }
        }
    }

    fn sqrt(&self, x: &Tensor) -> OpResult<Tensor> {
        self.native("sqrt", "at::sqrt", x.f_sqrt())
    }

    fn relu(&self, x: &Tensor) -> OpResult<Tensor> {
        self.native("relu", "at::relu", x.f_relu())
    }

    fn leaky_relu(&self, x: &Tensor, slope: f64) -> OpResult<Tensor> {
        self.native("leaky_relu", "at::leaky_relu", tensors::leaky_relu(x, slope))
    }

    fn prelu(&self, x: &Tensor, slope: &Tensor) -> OpResult<Tensor> {
        // libtorch would take several slopes for those of x's channels.
        if slope.size() != [1] {
            return Err(misfit("prelu", &[x, slope], "the slope must be [1]"));
        }
        self.native("prelu", "at::prelu", x.f_prelu(slope))
    }

    fn selu(&self, x: &Tensor) -> OpResult<Tensor> {
        self.native("selu", "at::selu", x.f_selu())
    }

    fn sigmoid(&self, x: &Tensor) -> OpResult<Tensor> {
        self.native("sigmoid", "at::sigmoid", x.f_sigmoid())
    }

    fn tanh(&self, x: &Tensor) -> OpResult<Tensor> {
        self.native("tanh", "at::tanh", x.f_tanh())
    }

    fn softplus(&self, x: &Tensor) -> OpResult<Tensor> {
        // Above its threshold of 20 libtorch gives x itself, which is right to the last bit of an f32.
        self.native("softplus", "at::softplus", x.f_softplus())
    }

    fn gelu(&self, x: &Tensor) -> OpResult<Tensor> {
        self.native("gelu", "at::gelu", x.f_gelu("none"))
    }

    fn copy(&self, x: &Tensor) -> OpResult<Tensor> {
        self.native("copy", "at::clone", tensors::clone(x))
    }

    fn triad(&self, a: &Tensor, b: &Tensor, factor: f64) -> OpResult<Tensor> {
        self.native("triad", "at::add with alpha", tensors::triad(a, b, factor))
    }

    fn equal(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        let made = a.f_eq_tensor(b).and_then(|same| same.f_to_kind(Kind::Float));
        self.composed("equal", "at::eq, at::to", made)
    }
}
