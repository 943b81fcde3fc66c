//! Reductions.

use crate::{Mlx, error, shape};
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::{Backend, OpResult};
use mlx_rs::{Array, ops};

impl Reduce for Mlx {
    fn mean_all(&self, x: &Array) -> OpResult<Array> {
        self.log().native("mean_all", "mlx mean");
        ops::mean(x, false).map_err(error::from_mlx("mean_all"))
    }

    /// The result is u32 on the device, and i64 once downloaded.
    fn argmax(&self, x: &Array, axis: usize) -> OpResult<Array> {
        self.log().native("argmax", "mlx argmax_axis");
        let axis = shape::axis_of("argmax", x, axis)?;
        ops::indexing::argmax_axis(x, axis, false).map_err(error::from_mlx("argmax"))
    }
}
