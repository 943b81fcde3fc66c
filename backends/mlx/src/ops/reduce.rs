//! Reductions and running sums.

use crate::{Mlx, error, shape};
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::{Backend, OpResult};
use mlx_rs::error::Exception;
use mlx_rs::{Array, Dtype, ops};

/// Whether MLX sums this dtype in itself: past 256 a bf16 no longer grows by ones, past 2048 an f16.
fn is_half(x: &Array) -> bool {
    matches!(x.dtype(), Dtype::Float16 | Dtype::Bfloat16)
}

/// A reduction whose sums are kept in f32, as every backend's must be: half dtypes go there and back.
pub(super) fn in_f32(
    op: &'static str,
    x: &Array,
    reduction: impl FnOnce(&Array) -> Result<Array, Exception>,
) -> OpResult<Array> {
    let run = || {
        if !is_half(x) {
            return reduction(x);
        }
        reduction(&x.as_dtype(Dtype::Float32)?)?.as_dtype(x.dtype())
    };
    run().map_err(error::from_mlx(op))
}

impl Mlx {
    /// Notes a reduction that [`in_f32`] does.
    fn note_in_f32(&self, op: &'static str, x: &Array, native: &'static str, composed: &'static str) {
        if is_half(x) { self.log().composed(op, composed) } else { self.log().native(op, native) }
    }
}

impl Reduce for Mlx {
    fn mean_all(&self, x: &Array) -> OpResult<Array> {
        self.note_in_f32("mean_all", x, "mlx mean", "mlx as_type f32, mean, as_type");
        in_f32("mean_all", x, |x| ops::mean(x, false))
    }

    fn sum(&self, x: &Array, axis: usize) -> OpResult<Array> {
        self.note_in_f32("sum", x, "mlx sum_axis", "mlx as_type f32, sum_axis, as_type");
        let axis = shape::axis_of("sum", x, axis)?;
        in_f32("sum", x, |x| ops::sum_axis(x, axis, false))
    }

    fn cumsum(&self, x: &Array, axis: usize) -> OpResult<Array> {
        self.note_in_f32("cumsum", x, "mlx cumsum", "mlx as_type f32, cumsum, as_type");
        let axis = shape::axis_of("cumsum", x, axis)?;
        in_f32("cumsum", x, |x| ops::cumsum(x, axis, false, true))
    }

    fn sum_all(&self, x: &Array) -> OpResult<Array> {
        self.note_in_f32("sum_all", x, "mlx sum", "mlx as_type f32, sum, as_type");
        in_f32("sum_all", x, |x| ops::sum(x, false))
    }

    /// The result is u32 on the device, and i64 once downloaded.
    fn argmax(&self, x: &Array, axis: usize) -> OpResult<Array> {
        self.log().native("argmax", "mlx argmax_axis");
        let axis = shape::axis_of("argmax", x, axis)?;
        ops::indexing::argmax_axis(x, axis, false).map_err(error::from_mlx("argmax"))
    }
}
