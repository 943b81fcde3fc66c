//! Shapes of losses.

use super::{alike, mismatch};
use crate::{DType, OpResult, Shape};

/// logits `[n, c]`, classes `[n]` → `[]`.
///
/// # Errors
/// When the number of rows differs or the ranks are others.
pub fn cross_entropy(dtype: DType, logits: &[usize], classes: &[usize]) -> OpResult<Shape> {
    match (logits, classes) {
        ([n, _], [n_classes]) if n == n_classes => Ok(Shape::from([])),
        _ => Err(mismatch("cross_entropy", dtype, &[logits, classes], "expected [n, c] and [n]")),
    }
}

/// Probabilities and targets of one shape → `[]`.
///
/// # Errors
/// When the shapes differ.
pub fn bce(dtype: DType, probabilities: &[usize], targets: &[usize]) -> OpResult<Shape> {
    alike("bce", dtype, probabilities, targets)?;
    Ok(Shape::from([]))
}
