//! Ordering.

use crate::{Mlx, error, shape};
use chipmark_core::ops::sort::Sort;
use chipmark_core::{Backend, OpResult};
use mlx_rs::{Array, ops};

impl Sort for Mlx {
    fn sort(&self, x: &Array, axis: usize) -> OpResult<Array> {
        self.log().native("sort", "mlx sort_axis");
        let axis = shape::axis_of("sort", x, axis)?;
        ops::sort_axis(x, axis).map_err(error::from_mlx("sort"))
    }
}
