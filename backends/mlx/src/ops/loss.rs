//! Losses.

use super::reduce;
use crate::{Mlx, error, scalar, shape};
use chipmark_core::ops::loss::Loss;
use chipmark_core::{Backend, OpResult, op_shapes};
use mlx_rs::{Array, ops};

impl Loss for Mlx {
    /// MLX has no kernel for it; its own layers compose it of the same four.
    fn cross_entropy(&self, logits: &Array, classes: &Array) -> OpResult<Array> {
        self.log().composed("cross_entropy", "mlx logsumexp_axis, take_along_axis, subtract, mean in f32");
        // Without this check `[n]` and `[n, 1]` would broadcast to `[n, n]`.
        op_shapes::cross_entropy(shape::dtype_of(logits), &shape::of(logits), &shape::of(classes))?;
        let mlx = || error::from_mlx("cross_entropy");
        let picked = ops::indexing::take_along_axis(logits, classes.expand_dims(1).map_err(mlx())?, 1).map_err(mlx())?;
        let total = ops::logsumexp_axis(logits, 1, true).map_err(mlx())?;
        reduce::in_f32("cross_entropy", &ops::subtract(total, picked).map_err(mlx())?, |x| ops::mean(x, false))
    }

    /// As MLX's own loss, but for its lower bound of −100 for the logarithms.
    fn bce(&self, probabilities: &Array, targets: &Array) -> OpResult<Array> {
        self.log().composed("bce", "mlx log, subtract, log, multiply, subtract, multiply, add, mean in f32, negative");
        op_shapes::bce(shape::dtype_of(probabilities), &shape::of(probabilities), &shape::of(targets))?;
        let mlx = || error::from_mlx("bce");
        let one = scalar::like("bce", probabilities, 1.0)?;
        let hit = ops::log(probabilities).map_err(mlx())?;
        let miss = ops::log(ops::subtract(&one, probabilities).map_err(mlx())?).map_err(mlx())?;
        let hit = ops::multiply(targets, hit).map_err(mlx())?;
        let miss = ops::multiply(ops::subtract(&one, targets).map_err(mlx())?, miss).map_err(mlx())?;
        let likelihood = reduce::in_f32("bce", &ops::add(hit, miss).map_err(mlx())?, |x| ops::mean(x, false))?;
        ops::negative(likelihood).map_err(mlx())
    }
}
