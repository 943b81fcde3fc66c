//! Losses.

use crate::{Mlx, error, shape};
use chipmark_core::ops::loss::Loss;
use chipmark_core::{Backend, OpError, OpResult};
use mlx_rs::{Array, ops};

impl Loss for Mlx {
    /// MLX has no kernel for it; its own layers compose it of the same four.
    fn cross_entropy(&self, logits: &Array, classes: &Array) -> OpResult<Array> {
        self.log().composed("cross_entropy", "mlx logsumexp_axis, take_along_axis, subtract, mean");
        // Without this check `[n]` and `[n, 1]` would broadcast to `[n, n]`.
        if logits.ndim() != 2 || classes.ndim() != 1 || logits.shape().first() != classes.shape().first() {
            let message = format!("logits {} and classes {} do not match", shape::of(logits), shape::of(classes));
            return Err(OpError::framework("cross_entropy", message));
        }
        let mlx = || error::from_mlx("cross_entropy");
        let picked = ops::indexing::take_along_axis(logits, classes.expand_dims(1).map_err(mlx())?, 1).map_err(mlx())?;
        let total = ops::logsumexp_axis(logits, 1, true).map_err(mlx())?;
        ops::mean(ops::subtract(total, picked).map_err(mlx())?, false).map_err(mlx())
    }
}
