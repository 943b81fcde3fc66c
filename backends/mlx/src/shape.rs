//! Shapes and dtypes between Rust's words and MLX's, whose sizes are 32-bit signed.

use chipmark_core::{DType, OpError, OpResult, Shape};
use mlx_rs::{Array, Dtype};

/// A size or an axis as MLX wants it.
pub(crate) fn to_i32(op: &'static str, size: usize) -> OpResult<i32> {
    i32::try_from(size)
        .map_err(|_| OpError::unsupported(op, format!("MLX has no dimension of {size}: 2^31 − 1 at most")))
}

/// All dimensions of a shape as MLX wants them.
pub(crate) fn to_dims(op: &'static str, shape: &Shape) -> OpResult<Vec<i32>> {
    shape.iter().map(|&size| to_i32(op, size)).collect()
}

/// The shape of an array.
pub(crate) fn of(array: &Array) -> Shape {
    // MLX's dimensions are never negative.
    Shape(array.shape().iter().map(|&size| usize::try_from(size).unwrap_or(0)).collect())
}

/// The dtype of an array, for messages: indices of any width are i64.
pub(crate) fn dtype_of(array: &Array) -> DType {
    match array.dtype() {
        Dtype::Float32 => DType::F32,
        Dtype::Float16 => DType::F16,
        Dtype::Bfloat16 => DType::BF16,
        Dtype::Float64 => DType::F64,
        _ => DType::I64,
    }
}

/// An axis of `array`, checked, so that the error tells the shape and no axis wraps round to a negative one.
pub(crate) fn axis_of(op: &'static str, array: &Array, axis: usize) -> OpResult<i32> {
    if axis < array.ndim() {
        to_i32(op, axis)
    } else {
        Err(OpError::framework(op, format!("shape {} has no axis {axis}", of(array))))
    }
}
