//! Automatic differentiation, by MLX's transform of a closure.

use crate::{error, shape};
use chipmark_core::{OpError, OpResult};
use mlx_rs::error::Exception;
use mlx_rs::{Array, transforms};
use std::cell::RefCell;

/// The value of `f` at `params`, and its gradient with respect to each.
pub(crate) fn value_and_grad(
    f: impl Fn(&[Array]) -> OpResult<Array>,
    params: &[Array],
) -> OpResult<(Array, Vec<Array>)> {
    let positions =
        (0..params.len()).map(|position| shape::to_i32("value_and_grad", position)).collect::<OpResult<Vec<i32>>>()?;
    // MLX carries back only a message of its own; the error of `f` goes around it.
    let failure: RefCell<Option<OpError>> = RefCell::new(None);
    let traced = |inputs: &[Array]| -> Result<Vec<Array>, Exception> {
        f(inputs).map(|value| vec![value]).map_err(|error| {
            let exception = Exception::custom(error.to_string());
            failure.replace(Some(error));
            exception
        })
    };
    let outcome = transforms::value_and_grad_with_argnums(traced, positions.as_slice())(params);
    if let Some(error) = failure.take() {
        return Err(error);
    }
    let (values, gradients) = outcome.map_err(error::from_mlx("value_and_grad"))?;
    let value = values.into_iter().next();
    let value = value.ok_or_else(|| OpError::framework("value_and_grad", "MLX returned no value"))?;
    Ok((value, gradients))
}
