//! Elementwise ops.

use crate::{Mlx, error, scalar};
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::{Backend, OpResult};
use mlx_rs::{Array, Dtype, ops};

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

    fn equal(&self, a: &Array, b: &Array) -> OpResult<Array> {
        self.log().composed("equal", "mlx equal, as_type f32");
        let equal = ops::eq(a, b).map_err(error::from_mlx("equal"))?;
        equal.as_dtype(Dtype::Float32).map_err(error::from_mlx("equal"))
    }
}
