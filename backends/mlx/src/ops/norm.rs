//! Normalisations.

use crate::{Mlx, error, shape};
use chipmark_core::ops::norm::Norm;
use chipmark_core::{Backend, OpResult};
use mlx_rs::{Array, ops};

impl Norm for Mlx {
    /// With MLX's `precise`, which keeps the sum of a half dtype in f32, and changes nothing for f32.
    fn softmax(&self, x: &Array, axis: usize) -> OpResult<Array> {
        self.log().native("softmax", "mlx softmax_axis, precise");
        let axis = shape::axis_of("softmax", x, axis)?;
        ops::softmax_axis(x, axis, true).map_err(error::from_mlx("softmax"))
    }
}
