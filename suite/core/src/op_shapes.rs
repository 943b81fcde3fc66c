//! Which shapes each op takes and gives, in the words of its trait method. Computes nothing and knows no framework.
//!
//! Every function returns the shape of the result, or an error that names the op, the dtype, the shapes and what is wrong.

use crate::{DType, OpError, OpResult, Shape};

/// An error that names the op, the dtype, the shapes and what is wrong with them.
#[must_use]
pub fn mismatch(op: &'static str, dtype: DType, shapes: &[&[usize]], why: &str) -> OpError {
    let shapes: Vec<String> = shapes.iter().map(|&dims| Shape::from(dims).to_string()).collect();
    OpError::framework(op, format!("{dtype} {}: {why}", shapes.join(" and ")))
}

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

/// `[…, m, k]` · `[…, k, n]` → `[…, m, n]`, with equal leading dimensions; or b `[k, n]` under any a.
///
/// # Errors
/// When an operand is no matrix, the inner lengths differ, or the leading ones do.
pub fn matmul(dtype: DType, a: &[usize], b: &[usize]) -> OpResult<Shape> {
    match (a, b) {
        ([batch @ .., m, k], [batch_b @ .., k_b, n]) if k == k_b && (batch == batch_b || batch_b.is_empty()) => {
            Ok(Shape(batch.iter().chain([m, n]).copied().collect()))
        }
        ([.., _, k], [.., k_b, _]) if k == k_b => {
            Err(mismatch("matmul", dtype, &[a, b], "the leading dimensions differ"))
        }
        ([_, _, ..], [_, _, ..]) => Err(mismatch("matmul", dtype, &[a, b], "the inner lengths differ")),
        _ => Err(mismatch("matmul", dtype, &[a, b], "each must have two axes or more")),
    }
}

/// x `[…, k]`, w `[n, k]`, bias `[n]` → `[…, n]`.
///
/// # Errors
/// When the lengths differ or an operand has another rank.
pub fn linear(dtype: DType, x: &[usize], w: &[usize], bias: &[usize]) -> OpResult<Shape> {
    match (x, w, bias) {
        ([lead @ .., k], [n, k_w], [n_bias]) if k == k_w && n == n_bias => {
            Ok(Shape(lead.iter().chain([n]).copied().collect()))
        }
        _ => Err(mismatch("linear", dtype, &[x, w, bias], "expected [.., k], [n, k] and [n]")),
    }
}

/// Channels-last x `[n, h, w, c]`, filters `[o, kh, kw, c]` → `[n, h − kh + 1, w − kw + 1, o]`.
///
/// # Errors
/// When the channels differ, a filter is empty or larger than the image, or an operand has another rank.
pub fn conv2d(dtype: DType, x: &[usize], filters: &[usize]) -> OpResult<Shape> {
    match (x, filters) {
        (&[n, h, w, c], &[o, kh, kw, c_f]) if c == c_f && (1..=h).contains(&kh) && (1..=w).contains(&kw) => {
            Ok(Shape::from([n, h - kh + 1, w - kw + 1, o]))
        }
        (&[.., c], &[.., c_f]) if x.len() == 4 && filters.len() == 4 && c != c_f => {
            Err(mismatch("conv2d", dtype, &[x, filters], "the channels differ"))
        }
        ([_, _, _, _], [_, _, _, _]) => {
            Err(mismatch("conv2d", dtype, &[x, filters], "the filter does not fit into the image"))
        }
        _ => Err(mismatch("conv2d", dtype, &[x, filters], "each must have four axes")),
    }
}

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

/// into `[n, f]`, index `[l]`, source `[l, f]` → `[n, f]`.
///
/// # Errors
/// When lengths or ranks are others.
pub fn scatter_add_rows(dtype: DType, into: &[usize], index: &[usize], source: &[usize]) -> OpResult<Shape> {
    match (into, index, source) {
        ([_, f], [l], [l_source, f_source]) if f == f_source && l == l_source => Ok(Shape::from(into)),
        _ => {
            let why = "expected [n, f], an index [l] and [l, f]";
            Err(mismatch("scatter_add_rows", dtype, &[into, index, source], why))
        }
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
