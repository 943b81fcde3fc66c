//! The ops, one file a group: each checks its dtypes and shapes, and takes its latency.

mod arrange;
mod attention;
mod conv;
mod elementwise;
mod index;
mod linalg;
mod loss;
mod norm;
mod reduce;
mod sort;

use crate::{Synthetic, Tensor};
use chipmark_core::op_shapes::mismatch;
use chipmark_core::ops::optim::Optim;
use chipmark_core::{DType, OpResult};

/// Composed as the trait has it: a step costs its elementwise ops.
impl Optim for Synthetic {}

/// The dtype of float operands, which must all have the same.
fn floats(op: &'static str, operands: &[&Tensor]) -> OpResult<DType> {
    let shapes: Vec<&[usize]> = operands.iter().map(|x| &**x.shape()).collect();
    let dtype = operands.first().map_or(DType::F32, |x| x.dtype());
    if dtype == DType::I64 {
        return Err(mismatch(op, dtype, &shapes, "expected floats, not indices"));
    }
    match operands.iter().find(|x| x.dtype() != dtype) {
        None => Ok(dtype),
        Some(other) => Err(mismatch(op, dtype, &shapes, &format!("another operand is {}", other.dtype()))),
    }
}

/// Refuses an index that is not i64.
fn indices(op: &'static str, index: &Tensor) -> OpResult<()> {
    match index.dtype() {
        DType::I64 => Ok(()),
        dtype => Err(mismatch(op, dtype, &[index.shape()], "expected indices, not floats")),
    }
}
