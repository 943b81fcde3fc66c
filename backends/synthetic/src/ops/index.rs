//! Ops that select or place by index.

use super::{floats, indices};
use crate::{Synthetic, Tensor};
use chipmark_core::OpResult;
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::index::Index;

impl Synthetic {
    fn scatter(&self, op: &'static str, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        let dtype = floats(op, &[into, source])?;
        indices(op, index)?;
        Ok(self.made(op, shapes::scatter_rows(op, dtype, into.shape(), index.shape(), source.shape())?, dtype))
    }
}

impl Index for Synthetic {
    fn gather_rows(&self, x: &Tensor, index: &Tensor) -> OpResult<Tensor> {
        let dtype = floats("gather_rows", &[x])?;
        indices("gather_rows", index)?;
        Ok(self.made("gather_rows", shapes::gather_rows(dtype, x.shape(), index.shape())?, dtype))
    }

    fn scatter_add_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        self.scatter("scatter_add_rows", into, index, source)
    }

    fn scatter_set_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        self.scatter("scatter_set_rows", into, index, source)
    }

    fn scatter_max_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        self.scatter("scatter_max_rows", into, index, source)
    }

    fn slice_rows(&self, x: &Tensor, start: usize, len: usize) -> OpResult<Tensor> {
        let dtype = floats("slice_rows", &[x])?;
        Ok(self.made("slice_rows", shapes::slice_rows(dtype, x.shape(), start, len)?, dtype))
    }
}
