//! The same elements in another arrangement. `reshape` and `swap_axes` are views in MLX where the memory allows it.

use crate::{Mlx, error, shape};
use chipmark_core::ops::arrange::Arrange;
use chipmark_core::{Backend, OpResult, Shape};
use mlx_rs::{Array, ops};

impl Arrange for Mlx {
    fn concat(&self, a: &Array, b: &Array, axis: usize) -> OpResult<Array> {
        self.log().native("concat", "mlx concatenate");
        let axis = shape::axis_of("concat", a, axis)?;
        ops::concatenate(&[a, b], axis).map_err(error::from_mlx("concat"))
    }

    fn reshape(&self, x: &Array, dims: &[usize]) -> OpResult<Array> {
        self.log().native("reshape", "mlx reshape");
        let dims = shape::to_dims("reshape", &Shape::from(dims))?;
        ops::reshape(x, &dims).map_err(error::from_mlx("reshape"))
    }

    fn swap_axes(&self, x: &Array, first: usize, second: usize) -> OpResult<Array> {
        self.log().native("swap_axes", "mlx swap_axes");
        let [first, second] = [shape::axis_of("swap_axes", x, first)?, shape::axis_of("swap_axes", x, second)?];
        ops::swap_axes(x, first, second).map_err(error::from_mlx("swap_axes"))
    }
}
