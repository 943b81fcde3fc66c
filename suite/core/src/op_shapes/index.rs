//! Shapes of rows taken and placed by index.

use super::mismatch;
use crate::{DType, OpResult, Shape};

/// x `[n, …]`, index `[l]` → `[l, …]`.
///
/// # Errors
/// When x has no rows or the index is not one list.
pub fn gather_rows(dtype: DType, x: &[usize], index: &[usize]) -> OpResult<Shape> {
    match (x, index) {
        ([_, rest @ ..], [l]) => Ok(Shape([l].into_iter().chain(rest).copied().collect())),
        _ => Err(mismatch("gather_rows", dtype, &[x, index], "expected [n, ..] and an index [l]")),
    }
}

/// into `[n, f]`, index `[l]`, source `[l, f]` → `[n, f]`, for each op that places rows.
///
/// # Errors
/// When lengths or ranks are others.
pub fn scatter_rows(
    op: &'static str,
    dtype: DType,
    into: &[usize],
    index: &[usize],
    source: &[usize],
) -> OpResult<Shape> {
    match (into, index, source) {
        ([_, f], [l], [l_source, f_source]) if f == f_source && l == l_source => Ok(Shape::from(into)),
        _ => Err(mismatch(op, dtype, &[into, index, source], "expected [n, f], an index [l] and [l, f]")),
    }
}

/// Rows `start .. start + len` of `[n, …]` → `[len, …]`.
///
/// # Errors
/// When there are no such rows.
pub fn slice_rows(dtype: DType, x: &[usize], start: usize, len: usize) -> OpResult<Shape> {
    match (x, start.checked_add(len)) {
        ([n, rest @ ..], Some(end)) if end <= *n => Ok(Shape([&len].into_iter().chain(rest).copied().collect())),
        _ => Err(mismatch("slice_rows", dtype, &[x], &format!("there are no {len} rows from row {start}"))),
    }
}
