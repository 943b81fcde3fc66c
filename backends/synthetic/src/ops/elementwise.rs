//! Elementwise ops.

use super::{floats, indices};
use crate::{Synthetic, Tensor};
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::{DType, OpResult};

impl Synthetic {
    fn binary(&self, op: &'static str, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        let dtype = floats(op, &[a, b])?;
        Ok(self.made(op, shapes::broadcast(op, dtype, a.shape(), b.shape())?, dtype))
    }

    fn unary(&self, op: &'static str, x: &Tensor) -> OpResult<Tensor> {
        let dtype = floats(op, &[x])?;
        Ok(self.made(op, x.shape().clone(), dtype))
    }
}

impl Elementwise for Synthetic {
    fn add(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.binary("add", a, b)
    }

    fn sub(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.binary("sub", a, b)
    }

    fn mul(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.binary("mul", a, b)
    }

    fn div(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.binary("div", a, b)
    }

    fn affine(&self, x: &Tensor, _factor: f64, _offset: f64) -> OpResult<Tensor> {
        self.unary("affine", x)
    }

    fn sqrt(&self, x: &Tensor) -> OpResult<Tensor> {
        self.unary("sqrt", x)
    }

    fn relu(&self, x: &Tensor) -> OpResult<Tensor> {
        self.unary("relu", x)
    }

    fn leaky_relu(&self, x: &Tensor, _slope: f64) -> OpResult<Tensor> {
        self.unary("leaky_relu", x)
    }

    fn prelu(&self, x: &Tensor, slope: &Tensor) -> OpResult<Tensor> {
        let dtype = floats("prelu", &[x, slope])?;
        Ok(self.made("prelu", shapes::prelu(dtype, x.shape(), slope.shape())?, dtype))
    }

    fn selu(&self, x: &Tensor) -> OpResult<Tensor> {
        self.unary("selu", x)
    }

    fn sigmoid(&self, x: &Tensor) -> OpResult<Tensor> {
        self.unary("sigmoid", x)
    }

    fn tanh(&self, x: &Tensor) -> OpResult<Tensor> {
        self.unary("tanh", x)
    }

    fn softplus(&self, x: &Tensor) -> OpResult<Tensor> {
        self.unary("softplus", x)
    }

    fn gelu(&self, x: &Tensor) -> OpResult<Tensor> {
        self.unary("gelu", x)
    }

    fn copy(&self, x: &Tensor) -> OpResult<Tensor> {
        self.unary("copy", x)
    }

    fn triad(&self, a: &Tensor, b: &Tensor, _factor: f64) -> OpResult<Tensor> {
        let dtype = floats("triad", &[a, b])?;
        Ok(self.made("triad", shapes::alike("triad", dtype, a.shape(), b.shape())?, dtype))
    }

    fn equal(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        indices("equal", a)?;
        indices("equal", b)?;
        Ok(self.made("equal", shapes::broadcast("equal", DType::I64, a.shape(), b.shape())?, DType::F32))
    }
}
