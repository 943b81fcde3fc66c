//! Linear algebra.

use crate::{Mlx, error, shape};
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::{Backend, OpError, OpResult};
use mlx_rs::{Array, ops};

impl Linalg for Mlx {
    fn matmul(&self, a: &Array, b: &Array) -> OpResult<Array> {
        self.log().native("matmul", "mlx matmul");
        ops::matmul(a, b).map_err(error::from_mlx("matmul"))
    }

    fn linear(&self, x: &Array, w: &Array, bias: &Array) -> OpResult<Array> {
        self.log().native("linear", "mlx addmm, w as a transposed view");
        if w.ndim() != 2 {
            return Err(OpError::framework("linear", format!("w must have two axes, not shape {}", shape::of(w))));
        }
        let w = ops::swap_axes(w, 0, 1).map_err(error::from_mlx("linear"))?;
        ops::addmm(bias, x, w, None, None).map_err(error::from_mlx("linear"))
    }
}
