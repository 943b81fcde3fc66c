//! Calls that can be made on any backend: every op of the traits with its options.

use chipmark_core::ops::optim::{Adam, AdamState};
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

/// An op with its options.
#[derive(Debug, Clone, Copy)]
pub(super) enum Op {
    Add,
    Sub,
    Mul,
    Div,
    Affine {
        factor: f64,
        offset: f64,
    },
    Sqrt,
    Relu,
    Equal,
    /// Inputs x and indices of the shape of argmax(x): what an accuracy is made of.
    EqualArgmax {
        axis: usize,
    },
    MeanAll,
    Argmax {
        axis: usize,
    },
    Matmul,
    Linear,
    Conv2d,
    Softmax {
        axis: usize,
    },
    GatherRows,
    ScatterAddRows,
    SliceRows {
        start: usize,
        len: usize,
    },
    CrossEntropy,
    /// Inputs param, m, v, gradient and the two powers; outputs param, m, v.
    Adam(Adam),
}

impl Call for Op {
    fn name(&self) -> &'static str {
        match self {
            Op::Add => "add",
            Op::Sub => "sub",
            Op::Mul => "mul",
            Op::Div => "div",
            Op::Affine { .. } => "affine",
            Op::Sqrt => "sqrt",
            Op::Relu => "relu",
            Op::Equal | Op::EqualArgmax { .. } => "equal",
            Op::MeanAll => "mean_all",
            Op::Argmax { .. } => "argmax",
            Op::Matmul => "matmul",
            Op::Linear => "linear",
            Op::Conv2d => "conv2d",
            Op::Softmax { .. } => "softmax",
            Op::GatherRows => "gather_rows",
            Op::ScatterAddRows => "scatter_add_rows",
            Op::SliceRows { .. } => "slice_rows",
            Op::CrossEntropy => "cross_entropy",
            Op::Adam(_) => "adam",
        }
    }

    fn images(&self) -> bool {
        matches!(self, Op::Conv2d)
    }

    fn of_absolute_terms(self) -> Self {
        match self {
            Op::Sub => Op::Add,
            Op::Affine { factor, offset } => Op::Affine { factor: factor.abs(), offset: offset.abs() },
            same => same,
        }
    }

    fn output_dtype(&self, dtype: DType) -> DType {
        match self {
            Op::Equal | Op::EqualArgmax { .. } => DType::F32,
            Op::Argmax { .. } => DType::I64,
            _ => dtype,
        }
    }

    fn call<B: FullBackend>(&self, backend: &B, inputs: &[B::Tensor]) -> OpResult<Vec<B::Tensor>> {
        let output = match (self, inputs) {
            (Op::Add, [a, b]) => backend.add(a, b),
            (Op::Sub, [a, b]) => backend.sub(a, b),
            (Op::Mul, [a, b]) => backend.mul(a, b),
            (Op::Div, [a, b]) => backend.div(a, b),
            (&Op::Affine { factor, offset }, [x]) => backend.affine(x, factor, offset),
            (Op::Sqrt, [x]) => backend.sqrt(x),
            (Op::Relu, [x]) => backend.relu(x),
            (Op::Equal, [a, b]) => backend.equal(a, b),
            (&Op::EqualArgmax { axis }, [x, index]) => backend.equal(&backend.argmax(x, axis)?, index),
            (Op::MeanAll, [x]) => backend.mean_all(x),
            (&Op::Argmax { axis }, [x]) => backend.argmax(x, axis),
            (Op::Matmul, [a, b]) => backend.matmul(a, b),
            (Op::Linear, [x, w, bias]) => backend.linear(x, w, bias),
            (Op::Conv2d, [x, filters]) => backend.conv2d(x, filters),
            (&Op::Softmax { axis }, [x]) => backend.softmax(x, axis),
            (Op::GatherRows, [x, index]) => backend.gather_rows(x, index),
            (Op::ScatterAddRows, [into, index, source]) => backend.scatter_add_rows(into, index, source),
            (&Op::SliceRows { start, len }, [x]) => backend.slice_rows(x, start, len),
            (Op::CrossEntropy, [logits, classes]) => backend.cross_entropy(logits, classes),
            (Op::Adam(adam), [param, m, v, gradient, power1, power2]) => {
                let next = backend.adam(adam, &AdamState { param, m, v }, gradient, [power1, power2])?;
                return Ok(vec![next.param, next.m, next.v]);
            }
            _ => Err(OpError::framework(self.name(), "called with another number of inputs")),
        };
        output.map(|tensor| vec![tensor])
    }
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

/// Two linear layers with messages passed along a graph's edges and a loss, in which an input is used twice: inputs
/// x, first weights, second weights, bias, sources, destinations and classes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Network;

impl Call for Network {
    fn name(&self) -> &'static str {
        "cross_entropy"
    }

    fn call<B: FullBackend>(&self, backend: &B, inputs: &[B::Tensor]) -> OpResult<Vec<B::Tensor>> {
        let [x, w1, w2, bias, sources, destinations, classes] = inputs else {
            return Err(OpError::framework(self.name(), "called with another number of inputs"));
        };
        let hidden = backend.relu(&backend.linear(x, w1, bias)?)?;
        let messages = backend.gather_rows(&hidden, sources)?;
        let passed = backend.scatter_add_rows(&hidden, destinations, &messages)?;
        let logits = backend.linear(&passed, w2, bias)?;
        Ok(vec![backend.cross_entropy(&logits, classes)?])
    }
}

/// The square of the first input, whatever others there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct SquareOfFirst;

impl Call for SquareOfFirst {
    fn name(&self) -> &'static str {
        "mul"
    }

    fn call<B: FullBackend>(&self, backend: &B, inputs: &[B::Tensor]) -> OpResult<Vec<B::Tensor>> {
        let Some(x) = inputs.first() else {
            return Err(OpError::framework(self.name(), "called without an input"));
        };
        Ok(vec![backend.mul(x, x)?])
    }
}
