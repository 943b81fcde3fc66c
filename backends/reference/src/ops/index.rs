//! Ops that select or place by index.

use crate::Reference;
use crate::tape::Backward;
use crate::tensor::{Indices, Tensor, shared, zeros};
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::index::Index;
use chipmark_core::{Backend, DType, OpResult};
use ndarray::{ArrayD, ArrayRef, Axis, IxDyn, Slice};

/// The indices as positions in 0..`below`.
pub(super) fn positions(op: &'static str, index: &Indices, below: usize) -> OpResult<Vec<usize>> {
    let position = |&i| usize::try_from(i).ok().filter(|&i| i < below);
    index
        .iter()
        .map(|i| {
            let why = format!("index {i} is not in 0..{below}");
            position(i).ok_or_else(|| shapes::mismatch(op, DType::I64, &[index.shape()], &why))
        })
        .collect()
}

/// The rows of `x` at `rows`, as an array of the shape `dims`.
fn gather(op: &'static str, x: &ArrayRef<f64, IxDyn>, rows: &[usize], dims: &[usize]) -> OpResult<ArrayD<f64>> {
    let mut out = zeros(op, dims)?;
    for (mut to, &row) in out.outer_iter_mut().zip(rows) {
        to.assign(&x.index_axis(Axis(0), row));
    }
    Ok(out)
}

/// Adds row i of `source` to row `rows[i]` of `into`.
fn scatter_add(into: &mut ArrayRef<f64, IxDyn>, rows: &[usize], source: &ArrayRef<f64, IxDyn>) {
    for (from, &row) in source.outer_iter().zip(rows) {
        let mut to = into.index_axis_mut(Axis(0), row);
        to += &from;
    }
}

impl Index for Reference {
    fn gather_rows(&self, x: &Tensor, index: &Tensor) -> OpResult<Tensor> {
        const OP: &str = "gather_rows";
        self.log().native(OP, "f64 loop");
        let (floats, index) = (x.floats(OP)?, index.indices(OP)?);
        let dims = shapes::gather_rows(DType::F64, floats.shape(), index.shape())?;
        let rows = positions(OP, index, floats.len_of(Axis(0)))?;
        let out = gather(OP, floats, &rows, &dims)?;
        let before = floats.raw_dim();
        let backward: Backward = Box::new(move |g| {
            let mut gradient = ArrayD::zeros(before.clone());
            scatter_add(&mut gradient, &rows, g);
            Ok(gradient)
        });
        Ok(self.made(shared(out), vec![(x, backward)]))
    }

    fn scatter_add_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        const OP: &str = "scatter_add_rows";
        self.log().native(OP, "f64 loop");
        let (base, index, added) = (into.floats(OP)?, index.indices(OP)?, source.floats(OP)?);
        shapes::scatter_add_rows(DType::F64, base.shape(), index.shape(), added.shape())?;
        let rows = positions(OP, index, base.len_of(Axis(0)))?;
        let mut out = base.to_owned();
        scatter_add(&mut out, &rows, added);
        let dims = added.shape().to_vec();
        let to_source: Backward = Box::new(move |g| gather(OP, g, &rows, &dims));
        Ok(self.made(shared(out), vec![(into, Box::new(|g| Ok(g.clone()))), (source, to_source)]))
    }

    fn slice_rows(&self, x: &Tensor, start: usize, len: usize) -> OpResult<Tensor> {
        const OP: &str = "slice_rows";
        self.log().native(OP, "ndarray slice");
        let floats = x.floats(OP)?;
        shapes::slice_rows(DType::F64, floats.shape(), start, len)?;
        let rows = Slice::from(start..start + len);
        let out = floats.slice_axis(Axis(0), rows).to_owned();
        let before = floats.raw_dim();
        let backward: Backward = Box::new(move |g| {
            let mut gradient = ArrayD::zeros(before.clone());
            gradient.slice_axis_mut(Axis(0), rows).assign(g);
            Ok(gradient)
        });
        Ok(self.made(shared(out), vec![(x, backward)]))
    }
}
