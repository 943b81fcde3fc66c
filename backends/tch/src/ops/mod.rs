//! The ops, one file a group. Each is libtorch's own op of that name, called out of place.

mod arrange;
mod attention;
mod conv;
mod elementwise;
mod index;
mod linalg;
mod loss;
mod norm;
mod optim;
mod reduce;
mod sort;

use crate::transfer::dtype;
use chipmark_core::op_shapes::mismatch;
use chipmark_core::{OpError, OpResult};
use tch::Tensor;

/// A number as libtorch wants it.
fn signed(op: &'static str, number: usize) -> OpResult<i64> {
    i64::try_from(number).map_err(|_| OpError::framework(op, format!("{number} is too large")))
}

/// Refuses, with dtype and shapes, what libtorch would take for something else.
fn misfit(op: &'static str, tensors: &[&Tensor], why: &str) -> OpError {
    let Some(dtype) = tensors.first().and_then(|x| dtype(x.f_kind().ok()?)) else {
        return OpError::framework(op, why);
    };
    let sizes = tensors.iter().map(|x| x.size().into_iter().filter_map(|length| usize::try_from(length).ok()));
    let shapes: Vec<Vec<usize>> = sizes.map(Iterator::collect).collect();
    mismatch(op, dtype, &shapes.iter().map(Vec::as_slice).collect::<Vec<_>>(), why)
}

/// An axis of a tensor as libtorch wants it. libtorch itself would count a negative one from the end, and takes axis 0 of a
/// scalar for one.
fn axis_of(op: &'static str, x: &Tensor, axis: usize) -> OpResult<i64> {
    if axis < x.dim() { signed(op, axis) } else { Err(misfit(op, &[x], &format!("there is no axis {axis}"))) }
}
