//! Normalisations.

use crate::{Mlx, error, graph, shape};
use chipmark_core::ops::norm::Norm;
use chipmark_core::{Backend, OpResult};
use mlx_rs::{Array, fast, ops};

impl Norm for Mlx {
    /// With MLX's `precise`, which keeps the sum of a half dtype in f32, and changes nothing for f32.
    fn softmax(&self, x: &Array, axis: usize) -> OpResult<Array> {
        self.log().native("softmax", "mlx softmax_axis, precise");
        let axis = shape::axis_of("softmax", x, axis)?;
        ops::softmax_axis(x, axis, true).map_err(error::from_mlx("softmax"))
    }

    /// MLX's one call for it, which on a GPU has a kernel, and on the CPU composes the op itself, in f32 whatever the dtype.
    /// Which it was is read from the graph that it built.
    fn layer_norm(&self, x: &Array, weight_and_bias: Option<[&Array; 2]>, epsilon: f64) -> OpResult<Array> {
        let [weight, bias] = weight_and_bias.map_or([None, None], |affine| affine.map(Some));
        #[expect(clippy::cast_possible_truncation, reason = "MLX takes epsilon as f32")]
        let epsilon = epsilon as f32;
        let made = fast::layer_norm(x, weight, bias, epsilon).map_err(error::from_mlx("layer_norm"))?;
        if self.log().is_open() {
            if graph::was_made_by(&made, "LayerNorm") {
                self.log().native("layer_norm", "mlx fast layer_norm, its kernel");
            } else {
                let how =
                    "mlx fast layer_norm, without a kernel here: mean, subtract, square, mean, add, rsqrt, multiply";
                self.log().composed("layer_norm", how);
            }
        }
        Ok(made)
    }
}
