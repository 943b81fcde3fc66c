//! Shapes of normalisations. Softmax takes any x and one of its axes: [`super::along`].

use super::mismatch;
use crate::{DType, OpResult, Shape};

/// x `[…, n]`, a weight `[n]` and a bias `[n]` if there are any → the shape of x.
///
/// # Errors
/// When x has no axis, or the weight or the bias another shape.
pub fn layer_norm(dtype: DType, x: &[usize], weight_and_bias: Option<[&[usize]; 2]>) -> OpResult<Shape> {
    let [.., n] = x else { return Err(mismatch("layer_norm", dtype, &[x], "there is no axis")) };
    match weight_and_bias {
        Some([weight, bias]) if weight != [*n] || bias != [*n] => {
            Err(mismatch("layer_norm", dtype, &[x, weight, bias], &format!("expected a weight and a bias of {n}")))
        }
        _ => Ok(Shape::from(x)),
    }
}
