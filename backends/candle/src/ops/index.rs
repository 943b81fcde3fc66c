//! Ops that select or place by index.

use super::merge;
use crate::Candle;
use crate::error::{Named, misfit};
use candle_core::{DType, Result, Tensor};
use chipmark_core::ops::index::Index;
use chipmark_core::{Backend, OpResult};

/// Whether into `[n, f]`, index `[l]` and source `[l, f]` fit. Repeating an index would stretch one of length one.
fn check_rows(op: &'static str, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<()> {
    match (into.dims(), index.dims(), source.dims()) {
        (&[_, f], &[l], &[l_source, f_source]) if l == l_source && f == f_source => Ok(()),
        _ => Err(misfit(op, &[into, index, source], "expected [n, f], an index [l] and [l, f]")),
    }
}

/// `Tensor::scatter` by rows. It wants a place for each element, not for each row.
fn scatter_rows(into: &Tensor, index: &Tensor, source: &Tensor) -> Result<Tensor> {
    let places = index.unsqueeze(1)?.broadcast_as(source.shape())?.contiguous()?;
    into.scatter(&places, &source.contiguous()?, 0)
}

/// 1 for each element of `into` that lies in a row of the index, 0 elsewhere.
fn in_rows(index: &Tensor, into: &Tensor) -> Result<Tensor> {
    let zeros = Tensor::zeros((into.dim(0)?, 1), DType::F32, into.device())?;
    let ones = Tensor::ones((index.dim(0)?, 1), DType::F32, into.device())?;
    let counts = zeros.index_add(&index.contiguous()?, &ones, 0)?;
    counts.ne(0f32)?.broadcast_as(into.shape())
}

/// The larger of `into` and of the sources of each place. Column by column the sources are sorted, and written in ascending
/// order, such that the largest comes last: candle's scatter goes along the scattered axis one by one, on the CPU in
/// one loop, on Metal and CUDA with one thread for a column.
fn raise_rows(into: &Tensor, index: &Tensor, source: &Tensor) -> Result<Tensor> {
    let (sorted, order) = merge::argsort(&source.t()?.contiguous()?, merge::longest_row(source.device()))?;
    let places = index.contiguous()?.index_select(&order.flatten_all()?, 0)?.reshape(sorted.shape())?;
    let columns = into.t()?;
    columns.scatter(&places, &sorted, 1)?.maximum(&columns)?.t()?.contiguous()
}

/// [`raise_rows`] with a backward: the sum of what is largest, of equal ones each in part.
fn raise_rows_tracked(into: &Tensor, index: &Tensor, source: &Tensor) -> Result<Tensor> {
    let index = index.contiguous()?;
    let largest = raise_rows(&into.detach(), &index, &source.detach())?;
    let (stays, wins) = (into.eq(&largest)?, source.eq(&largest.index_select(&index, 0)?)?);
    let ties = stays.to_dtype(into.dtype())?.index_add(&index, &wins.to_dtype(into.dtype())?, 0)?;
    let only = |chosen: &Tensor, x: &Tensor| chosen.where_cond(x, &x.zeros_like()?);
    only(&stays, into)?.index_add(&index, &only(&wins, source)?, 0)?.div(&ties)
}

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

    fn scatter_set_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        const OP: &str = "scatter_set_rows";
        check_rows(OP, into, index, source)?;
        // candle's backward of scatter passes a gradient on to what was replaced as well.
        if into.track_op() {
            self.log().composed(OP, "repeated index, Tensor::scatter, where_cond: the backward of scatter is wrong");
            let run = || in_rows(index, into)?.where_cond(&scatter_rows(&into.detach(), index, source)?, into);
            return run().named(OP);
        }
        self.log().composed(OP, "index repeated for each element of a row, Tensor::scatter");
        scatter_rows(into, index, source).named(OP)
    }

    fn scatter_max_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        const OP: &str = "scatter_max_rows";
        check_rows(OP, into, index, source)?;
        let in_one_piece = index.elem_count() <= merge::longest_row(source.device());
        let tracked = into.track_op() || source.track_op();
        self.log().composed(
            OP,
            match (tracked, in_one_piece) {
                (true, _) => "the largest as without a gradient, then eq, where_cond, index_add, div",
                (false, true) => "columns sorted (argsort, gather), Tensor::scatter in ascending order, maximum",
                (false, false) => {
                    "columns sorted in pieces and merged (argsort, gather, gt, where_cond, cat), Tensor::scatter in ascending \
                     order, maximum"
                }
            },
        );
        // candle would cut no elements into rows of none.
        if source.elem_count() == 0 {
            return Ok(into.clone());
        }
        let run = if tracked { raise_rows_tracked } else { raise_rows };
        run(into, index, source).named(OP)
    }

    /// A view: no element is copied.
    fn slice_rows(&self, x: &Tensor, start: usize, len: usize) -> OpResult<Tensor> {
        self.log().native("slice_rows", "Tensor::narrow (a view)");
        x.narrow(0, start, len).named("slice_rows")
    }
}
