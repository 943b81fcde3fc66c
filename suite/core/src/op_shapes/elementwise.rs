//! Shapes of elementwise ops.

use super::mismatch;
use crate::{DType, OpResult, Shape};

/// The shape of two operands broadcast as in `NumPy`: aligned at the last axis, an axis of length one stretched.
///
/// # Errors
/// When two lengths differ and neither is one.
pub fn broadcast(op: &'static str, dtype: DType, a: &[usize], b: &[usize]) -> OpResult<Shape> {
    let rank = a.len().max(b.len());
    let at = |dims: &[usize], axis: usize| (axis + dims.len()).checked_sub(rank).map_or(1, |i| dims[i]);
    let dims = (0..rank)
        .map(|axis| match (at(a, axis), at(b, axis)) {
            (x, y) if x == y || y == 1 => Ok(x),
            (1, y) => Ok(y),
            _ => Err(mismatch(op, dtype, &[a, b], "these do not broadcast")),
        })
        .collect::<OpResult<Vec<_>>>()?;
    Ok(Shape(dims))
}

/// The shape that both operands have, where they must not be broadcast.
///
/// # Errors
/// When they differ.
pub fn alike(op: &'static str, dtype: DType, a: &[usize], b: &[usize]) -> OpResult<Shape> {
    if a == b { Ok(Shape::from(a)) } else { Err(mismatch(op, dtype, &[a, b], "the shapes differ")) }
}

/// Any x, slope `[1]` → the shape of x.
///
/// # Errors
/// When the slope has another shape.
pub fn prelu(dtype: DType, x: &[usize], slope: &[usize]) -> OpResult<Shape> {
    match slope {
        [1] => Ok(Shape::from(x)),
        _ => Err(mismatch("prelu", dtype, &[x, slope], "expected a slope [1]")),
    }
}
