//! Elementwise ops.

use crate::{Mlx, error, scalar, shape};
use chipmark_core::ops::elementwise::{Elementwise, SELU_ALPHA, SELU_SCALE};
use chipmark_core::{Backend, OpResult, op_shapes};
use mlx_rs::{Array, Dtype, ops};
use std::f64::consts::FRAC_1_SQRT_2;

impl Elementwise for Mlx {
    fn add(&self, a: &Array, b: &Array) -> OpResult<Array> {
        self.log().native("add", "mlx add");
        ops::add(a, b).map_err(error::from_mlx("add"))
    }

    fn sub(&self, a: &Array, b: &Array) -> OpResult<Array> {
        self.log().native("sub", "mlx subtract");
        ops::subtract(a, b).map_err(error::from_mlx("sub"))
    }

    fn mul(&self, a: &Array, b: &Array) -> OpResult<Array> {
        self.log().native("mul", "mlx multiply");
        ops::multiply(a, b).map_err(error::from_mlx("mul"))
    }

    fn div(&self, a: &Array, b: &Array) -> OpResult<Array> {
        self.log().native("div", "mlx divide");
        ops::divide(a, b).map_err(error::from_mlx("div"))
    }

    /// A factor of one and an offset of zero cost no node.
    #[expect(clippy::float_cmp, reason = "only the exact identities may be left out")]
    fn affine(&self, x: &Array, factor: f64, offset: f64) -> OpResult<Array> {
        let scale = |x: &Array| {
            let factor = scalar::like("affine", x, factor)?;
            ops::multiply(x, factor).map_err(error::from_mlx("affine"))
        };
        let shift = |x: &Array| {
            let offset = scalar::like("affine", x, offset)?;
            ops::add(x, offset).map_err(error::from_mlx("affine"))
        };
        match (factor == 1.0, offset == 0.0) {
            (true, true) => {
                self.log().composed("affine", "the tensor itself");
                Ok(x.clone())
            }
            (true, false) => {
                self.log().native("affine", "mlx add of a scalar");
                shift(x)
            }
            (false, true) => {
                self.log().native("affine", "mlx multiply by a scalar");
                scale(x)
            }
            (false, false) => {
                self.log().composed("affine", "mlx multiply and add of scalars");
                shift(&scale(x)?)
            }
        }
    }

    fn sqrt(&self, x: &Array) -> OpResult<Array> {
        self.log().native("sqrt", "mlx sqrt");
        ops::sqrt(x).map_err(error::from_mlx("sqrt"))
    }

    /// MLX's own relu is the maximum with zero too; this one spares the conversion of an integer zero.
    fn relu(&self, x: &Array) -> OpResult<Array> {
        self.log().native("relu", "mlx maximum with zero");
        ops::maximum(x, scalar::like("relu", x, 0.0)?).map_err(error::from_mlx("relu"))
    }

    /// As MLX's own layer has it. Of x and slope · x the larger is wanted up to a slope of one, and beyond it the smaller.
    fn leaky_relu(&self, x: &Array, slope: f64) -> OpResult<Array> {
        self.log().composed("leaky_relu", "mlx multiply, maximum");
        let scaled = ops::multiply(x, scalar::like("leaky_relu", x, slope)?).map_err(error::from_mlx("leaky_relu"))?;
        let choice = if slope <= 1.0 { ops::maximum(x, scaled) } else { ops::minimum(x, scaled) };
        choice.map_err(error::from_mlx("leaky_relu"))
    }

    /// One op less than MLX's own layer, which adds the scaled minimum with zero to the maximum with zero.
    fn prelu(&self, x: &Array, slope: &Array) -> OpResult<Array> {
        self.log().composed("prelu", "mlx greater, multiply, select");
        // MLX would broadcast a slope for each channel, too.
        op_shapes::prelu(shape::dtype_of(x), &shape::of(x), &shape::of(slope))?;
        let mlx = || error::from_mlx("prelu");
        let positive = ops::gt(x, scalar::like("prelu", x, 0.0)?).map_err(mlx())?;
        ops::select(positive, x, ops::multiply(x, slope).map_err(mlx())?).map_err(mlx())
    }

    /// The exponential is taken of what is not positive alone: of a large x it would be infinite, and the gradient, which
    /// is zero times that, not a number.
    fn selu(&self, x: &Array) -> OpResult<Array> {
        self.log().composed("selu", "mlx minimum, expm1, multiply, greater, select, multiply");
        let mlx = || error::from_mlx("selu");
        let scalar = |value| scalar::like("selu", x, value);
        let exponential = ops::expm1(ops::minimum(x, scalar(0.0)?).map_err(mlx())?).map_err(mlx())?;
        let negative = ops::multiply(exponential, scalar(SELU_ALPHA)?).map_err(mlx())?;
        let positive = ops::gt(x, scalar(0.0)?).map_err(mlx())?;
        let choice = ops::select(positive, x, negative).map_err(mlx())?;
        ops::multiply(choice, scalar(SELU_SCALE)?).map_err(mlx())
    }

    fn sigmoid(&self, x: &Array) -> OpResult<Array> {
        self.log().native("sigmoid", "mlx sigmoid");
        ops::sigmoid(x).map_err(error::from_mlx("sigmoid"))
    }

    fn tanh(&self, x: &Array) -> OpResult<Array> {
        self.log().native("tanh", "mlx tanh");
        ops::tanh(x).map_err(error::from_mlx("tanh"))
    }

    /// As MLX's own layer has it.
    fn softplus(&self, x: &Array) -> OpResult<Array> {
        self.log().native("softplus", "mlx logaddexp with zero");
        ops::logaddexp(x, scalar::like("softplus", x, 0.0)?).map_err(error::from_mlx("softplus"))
    }

    /// As MLX's own layer has it: x · (1 + erf(x / √2)) / 2.
    fn gelu(&self, x: &Array) -> OpResult<Array> {
        self.log().composed("gelu", "mlx multiply, erf, add, multiply, multiply");
        let mlx = || error::from_mlx("gelu");
        let scalar = |value| scalar::like("gelu", x, value);
        let erf = ops::erf(ops::multiply(x, scalar(FRAC_1_SQRT_2)?).map_err(mlx())?).map_err(mlx())?;
        let doubled = ops::multiply(x, ops::add(erf, scalar(1.0)?).map_err(mlx())?).map_err(mlx())?;
        ops::multiply(doubled, scalar(0.5)?).map_err(mlx())
    }

    /// MLX's arrays never change, so its `copy` and `contiguous` give the same memory under another handle. A product
    /// with one is what reads and writes every element and changes none.
    fn copy(&self, x: &Array) -> OpResult<Array> {
        self.log().composed("copy", "mlx multiply by one; mlx copy shares the memory");
        ops::multiply(x, scalar::like("copy", x, 1.0)?).map_err(error::from_mlx("copy"))
    }

    fn triad(&self, a: &Array, b: &Array, factor: f64) -> OpResult<Array> {
        self.log().composed("triad", "mlx multiply by a scalar, add");
        op_shapes::alike("triad", shape::dtype_of(a), &shape::of(a), &shape::of(b))?;
        let scaled = ops::multiply(b, scalar::like("triad", b, factor)?).map_err(error::from_mlx("triad"))?;
        ops::add(a, scaled).map_err(error::from_mlx("triad"))
    }

    fn equal(&self, a: &Array, b: &Array) -> OpResult<Array> {
        self.log().composed("equal", "mlx equal, as_type f32");
        let equal = ops::eq(a, b).map_err(error::from_mlx("equal"))?;
        equal.as_dtype(Dtype::Float32).map_err(error::from_mlx("equal"))
    }
}
