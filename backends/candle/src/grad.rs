//! Automatic differentiation: candle's tape in closure form.

use crate::error::Named;
use candle_core::{Tensor, Var};
use chipmark_core::{OpError, OpResult};

/// The value of `f` at `params` and its gradient with respect to each of them: zeros where `f` does not depend on it.
///
/// A variable is always a copy of its tensor; candle offers no other way to make one. It is what its own optimisers pay
/// as well, who copy the new value into the variable.
pub(crate) fn value_and_grad(
    f: impl Fn(&[Tensor]) -> OpResult<Tensor>,
    params: &[Tensor],
) -> OpResult<(Tensor, Vec<Tensor>)> {
    const OP: &str = "value_and_grad";
    let variables: Vec<Var> =
        params.iter().map(|param| Var::from_tensor(&param.detach())).collect::<Result<_, _>>().named(OP)?;
    let tensors: Vec<Tensor> = variables.iter().map(|variable| variable.as_tensor().clone()).collect();
    let value = f(&tensors)?;
    if value.elem_count() != 1 {
        return Err(OpError::framework(OP, format!("a value of shape {:?} has no gradient", value.dims())));
    }
    let mut grads = value.backward().named(OP)?;
    let grads = variables
        .iter()
        .map(|variable| match grads.remove(variable) {
            Some(grad) => Ok(grad.detach()),
            None => variable.zeros_like(),
        })
        .collect::<Result<_, _>>()
        .named(OP)?;
    // Detached, so that holding the value does not hold every intermediate result.
    Ok((value.detach(), grads))
}
