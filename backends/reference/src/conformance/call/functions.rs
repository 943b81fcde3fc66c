//! Small functions of several ops: what is differentiated or compiled as a whole.

use super::{Call, wrong_inputs};
use chipmark_core::{FullBackend, OpError, OpResult};

/// Two linear layers with messages passed along a graph's edges and a loss, in which an input is used twice: inputs
/// x, first weights, second weights, bias, sources, destinations and classes.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Network;

impl Call for Network {
    fn name(&self) -> &'static str {
        "cross_entropy"
    }

    fn call<B: FullBackend>(&self, backend: &B, inputs: &[B::Tensor]) -> OpResult<Vec<B::Tensor>> {
        let [x, w1, w2, bias, sources, destinations, classes] = inputs else { return Err(wrong_inputs(self.name())) };
        let hidden = backend.relu(&backend.linear(x, w1, bias)?)?;
        let messages = backend.gather_rows(&hidden, sources)?;
        let passed = backend.scatter_add_rows(&hidden, destinations, &messages)?;
        let logits = backend.linear(&passed, w2, bias)?;
        Ok(vec![backend.cross_entropy(&logits, classes)?])
    }
}

/// The square of the first input, whatever others there are.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct SquareOfFirst;

impl Call for SquareOfFirst {
    fn name(&self) -> &'static str {
        "mul"
    }

    fn call<B: FullBackend>(&self, backend: &B, inputs: &[B::Tensor]) -> OpResult<Vec<B::Tensor>> {
        let Some(x) = inputs.first() else { return Err(wrong_inputs(self.name())) };
        Ok(vec![backend.mul(x, x)?])
    }
}

/// What is compiled.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Step {
    /// sigmoid(−0.5 · (a·b + c) + 0.25), from a, b and c.
    Chain,
    /// Softmax along axis 0, which is not the last.
    Softmax,
    /// Rows of x by index.
    Gather,
    /// The sums of x along axis 1, and x times y: two outputs of different shapes.
    TwoOutputs,
    /// An error, once x is there.
    Refusal,
}

impl Call for Step {
    fn name(&self) -> &'static str {
        "compile"
    }

    fn call<B: FullBackend>(&self, backend: &B, inputs: &[B::Tensor]) -> OpResult<Vec<B::Tensor>> {
        let output = match (self, inputs) {
            (Step::Chain, [a, b, c]) => {
                let sums = backend.add(&backend.matmul(a, b)?, c)?;
                backend.sigmoid(&backend.affine(&sums, -0.5, 0.25)?)
            }
            (Step::Softmax, [x]) => backend.softmax(x, 0),
            (Step::Gather, [x, index]) => backend.gather_rows(x, index),
            (Step::TwoOutputs, [x, y]) => return Ok(vec![backend.sum(x, 1)?, backend.mul(x, y)?]),
            (Step::Refusal, [_]) => Err(OpError::framework("compile", "planted")),
            _ => Err(wrong_inputs(self.name())),
        };
        output.map(|tensor| vec![tensor])
    }
}
