//! Shapes of ops along one axis.

use super::mismatch;
use crate::{DType, OpResult, Shape};

/// The shape itself, for an op along one of its axes.
///
/// # Errors
/// When there is no such axis.
pub fn along(op: &'static str, dtype: DType, x: &[usize], axis: usize) -> OpResult<Shape> {
    if axis < x.len() {
        Ok(Shape::from(x))
    } else {
        Err(mismatch(op, dtype, &[x], &format!("there is no axis {axis}")))
    }
}

/// The shape without `axis`, for the sum along it.
///
/// # Errors
/// When there is no such axis.
pub fn sum(dtype: DType, x: &[usize], axis: usize) -> OpResult<Shape> {
    let mut shape = along("sum", dtype, x, axis)?;
    shape.0.remove(axis);
    Ok(shape)
}

/// The shape without `axis`, for the index of the largest element along it.
///
/// # Errors
/// When there is no such axis, or no element along it.
pub fn argmax(dtype: DType, x: &[usize], axis: usize) -> OpResult<Shape> {
    let mut shape = along("argmax", dtype, x, axis)?;
    if shape.0.remove(axis) == 0 {
        return Err(mismatch("argmax", dtype, &[x], &format!("axis {axis} has no element")));
    }
    Ok(shape)
}
