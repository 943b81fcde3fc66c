//! Ops that select or place by index.

use super::signed;
use crate::Tch;
use chipmark_core::OpResult;
use chipmark_core::ops::index::Index;
use tch::Tensor;

impl Index for Tch {
    fn gather_rows(&self, x: &Tensor, index: &Tensor) -> OpResult<Tensor> {
        self.native("gather_rows", "at::index_select", x.f_index_select(0, index))
    }

    fn scatter_add_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        self.native("scatter_add_rows", "at::index_add", into.f_index_add(0, index, source))
    }

    fn slice_rows(&self, x: &Tensor, start: usize, len: usize) -> OpResult<Tensor> {
        let (start, len) = (signed("slice_rows", start)?, signed("slice_rows", len)?);
        self.native("slice_rows", "at::narrow (a view)", x.f_narrow(0, start, len))
    }
}
