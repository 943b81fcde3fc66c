//! Scalars in the dtype of what they meet. MLX promotes by the array's dtype, so an f32 scalar would make an f32 result
//! of an f16 tensor, and a conversion on the device would be a kernel more.

use crate::error;
use chipmark_core::{OpError, OpResult};
use half::{bf16, f16};
use mlx_rs::{Array, Dtype};

/// `value`, rounded to the dtype of `like`, with shape `[]`.
pub(crate) fn like(op: &'static str, like: &Array, value: f64) -> OpResult<Array> {
    let scalar = match like.dtype() {
        #[expect(clippy::cast_possible_truncation, reason = "rounding to the dtype is the purpose")]
        Dtype::Float32 => Array::from_f32(value as f32),
        Dtype::Float16 => Array::from_slice(&[f16::from_f64(value)], &[]),
        Dtype::Bfloat16 => Array::from_slice(&[bf16::from_f64(value)], &[]),
        Dtype::Float64 => Array::from_slice_f64(&[value], &[]),
        other => return Err(OpError::unsupported(op, format!("a float tensor is needed, not MLX's {other:?}"))),
    };
    if scalar.as_ptr().ctx.is_null() { Err(error::from_status(op, "making a scalar")) } else { Ok(scalar) }
}
