//! Ops that select or place by index.

use crate::Candle;
use crate::error::Named;
use candle_core::Tensor;
use chipmark_core::ops::index::Index;
use chipmark_core::{Backend, OpResult};

impl Index for Candle {
    fn gather_rows(&self, x: &Tensor, index: &Tensor) -> OpResult<Tensor> {
        self.log().native("gather_rows", "Tensor::index_select");
        let run = || x.contiguous()?.index_select(&index.contiguous()?, 0);
        run().named("gather_rows")
    }

    fn scatter_add_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        self.log().native("scatter_add_rows", "Tensor::index_add");
        let run = || into.index_add(&index.contiguous()?, &source.contiguous()?, 0);
        run().named("scatter_add_rows")
    }

    /// A view: no element is copied.
    fn slice_rows(&self, x: &Tensor, start: usize, len: usize) -> OpResult<Tensor> {
        self.log().native("slice_rows", "Tensor::narrow (a view)");
        x.narrow(0, start, len).named("slice_rows")
    }
}
