//! Ops that select or place by index.
//!
//! MLX does not check that an index is in range: to do so it would have to wait for it. An index outside reads or
//! writes memory that is not the tensor's, so indices must come from a trusted place, as a workload's own do.

use crate::{Mlx, error, shape};
use chipmark_core::ops::index::Index;
use chipmark_core::{Backend, OpError, OpResult};
use mlx_rs::Array;
use mlx_rs::ops::indexing::{TryIndexOp, scatter_add_single, take_axis};

impl Index for Mlx {
    fn gather_rows(&self, x: &Array, index: &Array) -> OpResult<Array> {
        self.log().native("gather_rows", "mlx take_axis");
        take_axis(x, index, 0).map_err(error::from_mlx("gather_rows"))
    }

    fn scatter_add_rows(&self, into: &Array, index: &Array, source: &Array) -> OpResult<Array> {
        self.log().native("scatter_add_rows", "mlx scatter_add_single");
        // MLX would add rows that are too short to the beginnings of the rows.
        let (rows, lengths) = (source.shape().split_first(), into.shape().split_first());
        let fits = index.ndim() == 1
            && matches!((rows, lengths), (Some((rows, row)), Some((_, length))) if index.shape() == [*rows] && row == length);
        if !fits {
            let [into, index, source] = [into, index, source].map(shape::of);
            let message = format!("rows of {source} do not fit into {into} at the indices {index}");
            return Err(OpError::framework("scatter_add_rows", message));
        }
        // MLX wants an update per index with the rank of `into`: a row is `[1, f]`, so `[l, f]` becomes `[l, 1, f]`.
        let updates = source.expand_dims(1).map_err(error::from_mlx("scatter_add_rows"))?;
        scatter_add_single(into, index, updates, 0).map_err(error::from_mlx("scatter_add_rows"))
    }

    fn slice_rows(&self, x: &Array, start: usize, len: usize) -> OpResult<Array> {
        self.log().native("slice_rows", "mlx slice");
        let dims = shape::of(x);
        // MLX would clip a range that is too long.
        match (dims.first(), start.checked_add(len)) {
            (Some(&rows), Some(stop)) if stop <= rows => {
                let range = shape::to_i32("slice_rows", start)?..shape::to_i32("slice_rows", stop)?;
                x.try_index(range).map_err(error::from_mlx("slice_rows"))
            }
            _ => Err(OpError::framework("slice_rows", format!("shape {dims} has no {len} rows from {start} on"))),
        }
    }
}
