//! Shapes of rearranged elements.

use super::{along, mismatch};
use crate::{DType, OpResult, Shape};

/// a and b one after the other along `axis` → their shape, with the sum of both lengths there.
///
/// # Errors
/// When there is no such axis or another length differs.
pub fn concat(dtype: DType, a: &[usize], b: &[usize], axis: usize) -> OpResult<Shape> {
    let wrong = |why: &str| mismatch("concat", dtype, &[a, b], why);
    let (Some(&length_a), Some(&length_b)) = (a.get(axis), b.get(axis)) else {
        return Err(wrong(&format!("there is no axis {axis}")));
    };
    let mut joined = Shape::from(a);
    joined.0[axis] = length_b;
    if *joined != *b {
        return Err(wrong(&format!("lengths other than that of axis {axis} differ")));
    }
    joined.0[axis] = length_a.checked_add(length_b).ok_or_else(|| wrong("the result is too long"))?;
    Ok(joined)
}

/// Any x under other dimensions with the same product.
///
/// # Errors
/// When the product is another.
pub fn reshape(dtype: DType, x: &[usize], dims: &[usize]) -> OpResult<Shape> {
    let shape = Shape::from(dims);
    if shape.checked_numel() == Shape::from(x).checked_numel() {
        Ok(shape)
    } else {
        Err(mismatch("reshape", dtype, &[x, dims], "the numbers of elements differ"))
    }
}

/// The shape with two axes exchanged.
///
/// # Errors
/// When one of them is not there.
pub fn swap_axes(dtype: DType, x: &[usize], first: usize, second: usize) -> OpResult<Shape> {
    along("swap_axes", dtype, x, first)?;
    let mut shape = along("swap_axes", dtype, x, second)?;
    shape.0.swap(first, second);
    Ok(shape)
}
