//! Which shapes each op takes and gives, in the words of its trait method. Computes nothing and knows no framework.
//!
//! Every function returns the shape of the result, or an error that names the op, the dtype, the shapes and what is wrong.
//! They are called by their bare names, whatever file a group's are in.

mod arrange;
mod attention;
mod conv;
mod elementwise;
mod index;
mod linalg;
mod loss;
mod norm;
mod reduce;

pub use arrange::{concat, reshape, swap_axes};
pub use attention::sdpa;
pub use conv::{conv1d, conv2d};
pub use elementwise::{alike, broadcast, prelu};
pub use index::{gather_rows, scatter_rows, slice_rows};
pub use linalg::{linear, matmul};
pub use loss::{bce, cross_entropy};
pub use norm::layer_norm;
pub use reduce::{along, argmax, sum};

use crate::{DType, OpError, Shape};

/// An error that names the op, the dtype, the shapes and what is wrong with them.
#[must_use]
pub fn mismatch(op: &'static str, dtype: DType, shapes: &[&[usize]], why: &str) -> OpError {
    let shapes: Vec<String> = shapes.iter().map(|&dims| Shape::from(dims).to_string()).collect();
    OpError::framework(op, format!("{dtype} {}: {why}", shapes.join(" and ")))
}
