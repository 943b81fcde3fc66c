//! Calls that can be made on any backend: every op of the traits with its options, and small functions of several ops.

mod functions;
mod op;

pub(super) use functions::{Network, SquareOfFirst, Step};
pub(super) use op::{Hidden, Op};

use chipmark_core::{DType, FullBackend, OpError, OpResult};

/// Something to call on any backend.
pub(super) trait Call: Copy {
    /// The op's name in its trait.
    fn name(&self) -> &'static str;

    /// Whether all inputs and outputs are images and filters, in the backend's layout.
    fn images(&self) -> bool {
        false
    }

    /// The dtype of the outputs for inputs of `dtype`.
    fn output_dtype(&self, dtype: DType) -> DType {
        dtype
    }

    /// The call that, made with the absolute values of the inputs, bounds the terms which this one adds up.
    fn of_absolute_terms(self) -> Self {
        self
    }

    /// Makes the call.
    fn call<B: FullBackend>(&self, backend: &B, inputs: &[B::Tensor]) -> OpResult<Vec<B::Tensor>>;
}

/// What a call says to inputs that it has no use for.
fn wrong_inputs(name: &'static str) -> OpError {
    OpError::framework(name, "called with another number of inputs")
}

/// A call as the function of one element that [`chipmark_core::Backend::value_and_grad`] wants: the mean of its
/// first output times `weights`.
pub(super) fn scalar<B: FullBackend>(
    call: &impl Call,
    backend: &B,
    inputs: &[B::Tensor],
    weights: Option<&B::Tensor>,
) -> OpResult<B::Tensor> {
    let outputs = call.call(backend, inputs)?;
    let [output] = outputs.as_slice() else {
        return Err(OpError::framework(call.name(), "only ops of one output are differentiated"));
    };
    match weights {
        Some(weights) => backend.mean_all(&backend.mul(output, weights)?),
        None => Ok(backend.share(output)),
    }
}
