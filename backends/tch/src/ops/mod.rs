//! The ops, one file a group. Each is libtorch's own op of that name, called out of place.

mod conv;
mod elementwise;
mod index;
mod linalg;
mod loss;
mod norm;
mod optim;
mod reduce;

use chipmark_core::{OpError, OpResult};
use tch::Tensor;

/// A number as libtorch wants it.
fn signed(op: &'static str, number: usize) -> OpResult<i64> {
    i64::try_from(number).map_err(|_| OpError::framework(op, format!("{number} is too large")))
}

/// An axis of a tensor as libtorch wants it. libtorch itself would count a negative one from the end, and takes axis 0 of a
/// scalar for one.
fn axis_of(op: &'static str, x: &Tensor, axis: usize) -> OpResult<i64> {
    if axis < x.dim() {
        signed(op, axis)
    } else {
        Err(OpError::framework(op, format!("there is no axis {axis} in a tensor of rank {}", x.dim())))
    }
}
