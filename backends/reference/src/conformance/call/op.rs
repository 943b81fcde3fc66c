//! One op with its options.

use super::{Call, wrong_inputs};
use chipmark_core::ops::optim::{Adam, AdamState};
use chipmark_core::{DType, FullBackend, Mask, OpResult};

/// Which keys are hidden from a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Hidden {
    /// None.
    Nothing,
    /// Those behind its own position.
    Future,
    /// Those that a fourth input hides.
    Given,
}

/// An op with its options.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Op {
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
    LeakyRelu {
        slope: f64,
    },
    Prelu,
    Selu,
    Sigmoid,
    Tanh,
    Softplus,
    Gelu,
    Copy,
    Triad {
        factor: f64,
    },
    Equal,
    /// Inputs x and indices of the shape of argmax(x): what an accuracy is made of.
    EqualArgmax {
        axis: usize,
    },
    MeanAll,
    Sum {
        axis: usize,
    },
    Cumsum {
        axis: usize,
    },
    SumAll,
    Argmax {
        axis: usize,
    },
    Sort {
        axis: usize,
    },
    Concat {
        axis: usize,
    },
    Reshape {
        dims: &'static [usize],
    },
    SwapAxes {
        first: usize,
        second: usize,
    },
    /// Of x with its first two axes exchanged, which a backend may have left where they were.
    ReshapeOfSwapped {
        dims: &'static [usize],
    },
    Matmul,
    /// Inputs a and b, the latter with its last two axes exchanged.
    MatmulBySwapped,
    Linear,
    Conv1d,
    Conv2d,
    Softmax {
        axis: usize,
    },
    /// Inputs x, or x, weight and bias.
    LayerNorm {
        epsilon: f64,
    },
    /// Inputs q, k, v, and a mask where one is given.
    Sdpa {
        hidden: Hidden,
        scale: f64,
    },
    GatherRows,
    ScatterAddRows,
    ScatterSetRows,
    ScatterMaxRows,
    SliceRows {
        start: usize,
        len: usize,
    },
    CrossEntropy,
    Bce,
    /// Inputs param, m, v, gradient and the two corrections; outputs param, m, v.
    Adam(Adam),
}

impl Op {
    /// Whether the op has a derivative by its floats that every backend with gradients must have.
    pub(in super::super) fn has_gradient(&self) -> bool {
        !matches!(
            self,
            Op::Equal
                | Op::EqualArgmax { .. }
                | Op::Argmax { .. }
                | Op::Sort { .. }
                | Op::ScatterSetRows
                | Op::ScatterMaxRows
                | Op::Adam(_)
        )
    }
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
            Op::LeakyRelu { .. } => "leaky_relu",
            Op::Prelu => "prelu",
            Op::Selu => "selu",
            Op::Sigmoid => "sigmoid",
            Op::Tanh => "tanh",
            Op::Softplus => "softplus",
            Op::Gelu => "gelu",
            Op::Copy => "copy",
            Op::Triad { .. } => "triad",
            Op::Equal | Op::EqualArgmax { .. } => "equal",
            Op::MeanAll => "mean_all",
            Op::Sum { .. } => "sum",
            Op::Cumsum { .. } => "cumsum",
            Op::SumAll => "sum_all",
            Op::Argmax { .. } => "argmax",
            Op::Sort { .. } => "sort",
            Op::Concat { .. } => "concat",
            Op::Reshape { .. } | Op::ReshapeOfSwapped { .. } => "reshape",
            Op::SwapAxes { .. } => "swap_axes",
            Op::Matmul | Op::MatmulBySwapped => "matmul",
            Op::Linear => "linear",
            Op::Conv1d => "conv1d",
            Op::Conv2d => "conv2d",
            Op::Softmax { .. } => "softmax",
            Op::LayerNorm { .. } => "layer_norm",
            Op::Sdpa { .. } => "sdpa",
            Op::GatherRows => "gather_rows",
            Op::ScatterAddRows => "scatter_add_rows",
            Op::ScatterSetRows => "scatter_set_rows",
            Op::ScatterMaxRows => "scatter_max_rows",
            Op::SliceRows { .. } => "slice_rows",
            Op::CrossEntropy => "cross_entropy",
            Op::Bce => "bce",
            Op::Adam(_) => "adam",
        }
    }

    fn images(&self) -> bool {
        matches!(self, Op::Conv1d | Op::Conv2d)
    }

    fn of_absolute_terms(self) -> Self {
        match self {
            Op::Sub => Op::Add,
            Op::Affine { factor, offset } => Op::Affine { factor: factor.abs(), offset: offset.abs() },
            Op::Triad { factor } => Op::Triad { factor: factor.abs() },
            // −∞ hides a key, and +∞ would be a NaN.
            Op::Sdpa { scale, .. } => Op::Sdpa { hidden: Hidden::Nothing, scale },
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
            (&Op::LeakyRelu { slope }, [x]) => backend.leaky_relu(x, slope),
            (Op::Prelu, [x, slope]) => backend.prelu(x, slope),
            (Op::Selu, [x]) => backend.selu(x),
            (Op::Sigmoid, [x]) => backend.sigmoid(x),
            (Op::Tanh, [x]) => backend.tanh(x),
            (Op::Softplus, [x]) => backend.softplus(x),
            (Op::Gelu, [x]) => backend.gelu(x),
            (Op::Copy, [x]) => backend.copy(x),
            (&Op::Triad { factor }, [a, b]) => backend.triad(a, b, factor),
            (Op::Equal, [a, b]) => backend.equal(a, b),
            (&Op::EqualArgmax { axis }, [x, index]) => backend.equal(&backend.argmax(x, axis)?, index),
            (Op::MeanAll, [x]) => backend.mean_all(x),
            (&Op::Sum { axis }, [x]) => backend.sum(x, axis),
            (&Op::Cumsum { axis }, [x]) => backend.cumsum(x, axis),
            (Op::SumAll, [x]) => backend.sum_all(x),
            (&Op::Argmax { axis }, [x]) => backend.argmax(x, axis),
            (&Op::Sort { axis }, [x]) => backend.sort(x, axis),
            (&Op::Concat { axis }, [a, b]) => backend.concat(a, b, axis),
            (&Op::Reshape { dims }, [x]) => backend.reshape(x, dims),
            (&Op::SwapAxes { first, second }, [x]) => backend.swap_axes(x, first, second),
            (&Op::ReshapeOfSwapped { dims }, [x]) => backend.reshape(&backend.swap_axes(x, 0, 1)?, dims),
            (Op::Matmul, [a, b]) => backend.matmul(a, b),
            (Op::MatmulBySwapped, [a, b]) => backend.matmul(a, &backend.swap_axes(b, 1, 2)?),
            (Op::Linear, [x, w, bias]) => backend.linear(x, w, bias),
            (Op::Conv1d, [x, filters]) => backend.conv1d(x, filters),
            (Op::Conv2d, [x, filters]) => backend.conv2d(x, filters),
            (&Op::Softmax { axis }, [x]) => backend.softmax(x, axis),
            (&Op::LayerNorm { epsilon }, [x]) => backend.layer_norm(x, None, epsilon),
            (&Op::LayerNorm { epsilon }, [x, weight, bias]) => backend.layer_norm(x, Some([weight, bias]), epsilon),
            (&Op::Sdpa { hidden, scale }, [q, k, v, given @ ..]) => {
                let mask = match (hidden, given) {
                    (Hidden::Nothing, _) => Mask::None,
                    (Hidden::Future, []) => Mask::Causal,
                    (Hidden::Given, [mask]) => Mask::Additive(mask),
                    _ => return Err(wrong_inputs(self.name())),
                };
                backend.sdpa(q, k, v, mask, scale)
            }
            (Op::GatherRows, [x, index]) => backend.gather_rows(x, index),
            (Op::ScatterAddRows, [into, index, source]) => backend.scatter_add_rows(into, index, source),
            (Op::ScatterSetRows, [into, index, source]) => backend.scatter_set_rows(into, index, source),
            (Op::ScatterMaxRows, [into, index, source]) => backend.scatter_max_rows(into, index, source),
            (&Op::SliceRows { start, len }, [x]) => backend.slice_rows(x, start, len),
            (Op::CrossEntropy, [logits, classes]) => backend.cross_entropy(logits, classes),
            (Op::Bce, [probabilities, targets]) => backend.bce(probabilities, targets),
            (Op::Adam(adam), [param, m, v, gradient, correction1, correction2]) => {
                let next = backend.adam(adam, &AdamState { param, m, v }, gradient, [correction1, correction2])?;
                return Ok(vec![next.param, next.m, next.v]);
            }
            _ => Err(wrong_inputs(self.name())),
        };
        output.map(|tensor| vec![tensor])
    }
}
