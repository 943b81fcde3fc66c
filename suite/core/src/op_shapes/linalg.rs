//! Shapes of products.

use super::mismatch;
use crate::{DType, OpResult, Shape};

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
