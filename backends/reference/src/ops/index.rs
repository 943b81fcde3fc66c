//! Ops that select or place by index.

use super::no_gradient;
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

/// Makes each element of row `rows[i]` of `into` what `place` makes of it and its partner in row i of `source`.
fn scatter(into: &mut ArrayRef<f64, IxDyn>, rows: &[usize], source: &ArrayRef<f64, IxDyn>, place: fn(f64, f64) -> f64) {
    for (from, &row) in source.outer_iter().zip(rows) {
        into.index_axis_mut(Axis(0), row).zip_mut_with(&from, |to, &from| *to = place(*to, from));
    }
}

/// What a scatter makes of its operands, with the rows that it placed.
fn scattered(
    op: &'static str,
    [into, index, source]: [&Tensor; 3],
    place: fn(f64, f64) -> f64,
) -> OpResult<(ArrayD<f64>, Vec<usize>)> {
    let (base, index, placed) = (into.floats(op)?, index.indices(op)?, source.floats(op)?);
    shapes::scatter_rows(op, DType::F64, base.shape(), index.shape(), placed.shape())?;
    let rows = positions(op, index, base.len_of(Axis(0)))?;
    let mut out = base.to_owned();
    scatter(&mut out, &rows, placed, place);
    Ok((out, rows))
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
            scatter(&mut gradient, &rows, g, |to, g| to + g);
            Ok(gradient)
        });
        Ok(self.made(shared(out), vec![(x, backward)]))
    }

    fn scatter_add_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        const OP: &str = "scatter_add_rows";
        self.log().native(OP, "f64 loop");
        let (out, rows) = scattered(OP, [into, index, source], |to, from| to + from)?;
        let dims = source.shape().to_vec();
        let to_source: Backward = Box::new(move |g| gather(OP, g, &rows, &dims));
        Ok(self.made(shared(out), vec![(into, Box::new(|g| Ok(g.clone()))), (source, to_source)]))
    }

    /// Of the sources of a repeated index, the last. Without a gradient.
    fn scatter_set_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        const OP: &str = "scatter_set_rows";
        self.log().native(OP, "f64 loop");
        let (out, _) = scattered(OP, [into, index, source], |_, from| from)?;
        Ok(self.made(shared(out), vec![(into, no_gradient(OP)), (source, no_gradient(OP))]))
    }

    /// A NaN is never larger. Without a gradient.
    fn scatter_max_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        const OP: &str = "scatter_max_rows";
        self.log().native(OP, "f64 loop");
        let (out, _) = scattered(OP, [into, index, source], |to, from| if from > to { from } else { to })?;
        Ok(self.made(shared(out), vec![(into, no_gradient(OP)), (source, no_gradient(OP))]))
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
