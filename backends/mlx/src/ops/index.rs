//! Ops that select or place by index.
//!
//! MLX does not check that an index is in range: to do so it would have to wait for it. An index outside reads or
//! writes memory that is not the tensor's, so indices must come from a trusted place, as a workload's own do.

use crate::{Mlx, error, shape};
use chipmark_core::ops::index::Index;
use chipmark_core::{Backend, OpResult, op_shapes};
use mlx_rs::Array;
use mlx_rs::ops::indexing::{TryIndexOp, scatter_add_single, scatter_max_single, scatter_single, take_axis};

/// The rows of `source` as MLX's scatters want them: an update per index with the rank of `into`, where a row is `[1, f]`,
/// so that `[l, f]` becomes `[l, 1, f]`.
fn updates(op: &'static str, into: &Array, index: &Array, source: &Array) -> OpResult<Array> {
    // MLX would place rows that are too short at the beginnings of the rows.
    op_shapes::scatter_rows(op, shape::dtype_of(into), &shape::of(into), &shape::of(index), &shape::of(source))?;
    source.expand_dims(1).map_err(error::from_mlx(op))
}

impl Index for Mlx {
    fn gather_rows(&self, x: &Array, index: &Array) -> OpResult<Array> {
        self.log().native("gather_rows", "mlx take_axis");
        take_axis(x, index, 0).map_err(error::from_mlx("gather_rows"))
    }

    fn scatter_add_rows(&self, into: &Array, index: &Array, source: &Array) -> OpResult<Array> {
        self.log().native("scatter_add_rows", "mlx scatter_add_single");
        let updates = updates("scatter_add_rows", into, index, source)?;
        scatter_add_single(into, index, updates, 0).map_err(error::from_mlx("scatter_add_rows"))
    }

    fn scatter_set_rows(&self, into: &Array, index: &Array, source: &Array) -> OpResult<Array> {
        self.log().native("scatter_set_rows", "mlx scatter_single");
        let updates = updates("scatter_set_rows", into, index, source)?;
        scatter_single(into, index, updates, 0).map_err(error::from_mlx("scatter_set_rows"))
    }

    fn scatter_max_rows(&self, into: &Array, index: &Array, source: &Array) -> OpResult<Array> {
        self.log().native("scatter_max_rows", "mlx scatter_max_single");
        let updates = updates("scatter_max_rows", into, index, source)?;
        scatter_max_single(into, index, updates, 0).map_err(error::from_mlx("scatter_max_rows"))
    }

    fn slice_rows(&self, x: &Array, start: usize, len: usize) -> OpResult<Array> {
        self.log().native("slice_rows", "mlx slice");
        // MLX would clip a range that is too long.
        op_shapes::slice_rows(shape::dtype_of(x), &shape::of(x), start, len)?;
        let range = shape::to_i32("slice_rows", start)?..shape::to_i32("slice_rows", start + len)?;
        x.try_index(range).map_err(error::from_mlx("slice_rows"))
    }
}
