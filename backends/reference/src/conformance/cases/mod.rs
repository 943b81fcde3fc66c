//! The cases of each family, one file a family: an op, its inputs, how far its result may be off, and by which inputs it
//! is differentiated.

mod arranging;
mod attention;
mod convolutions;
mod elementwise;
mod indexing;
mod inputs;
mod losses;
mod normalisations;
mod optimisers;
mod ordering;
mod products;
mod reductions;

pub(super) use arranging::arranging;
pub(super) use attention::attention;
pub(super) use convolutions::convolutions;
pub(super) use elementwise::elementwise;
pub(super) use indexing::indexing;
pub(super) use inputs::Inputs;
pub(super) use losses::losses;
pub(super) use normalisations::normalisations;
pub(super) use optimisers::optimisers;
pub(super) use ordering::ordering;
pub(super) use products::products;
pub(super) use reductions::reductions;

use super::call::{Call, Op};
use chipmark_core::check::Tolerance;
use chipmark_core::{DType, HostTensor, OpResult};

/// Makes a family's cases in a dtype.
pub(super) type Family = fn(DType) -> OpResult<Vec<Case>>;

/// The families whose ops have gradients.
pub(super) const DIFFERENTIABLE: [Family; 9] =
    [elementwise, reductions, products, convolutions, attention, normalisations, arranging, indexing, losses];

/// One call to check.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) op: Op,
    pub(super) dtype: DType,
    pub(super) inputs: Vec<HostTensor>,
    pub(super) tolerance: Tolerance,
}

impl Case {
    fn new(op: Op, dtype: DType, inputs: Vec<HostTensor>, tolerance: Tolerance) -> Self {
        Case { op, dtype, inputs, tolerance }
    }

    /// Op, options, dtype and shapes.
    pub(super) fn label(&self) -> String {
        let shapes: Vec<String> = self.inputs.iter().map(|input| input.shape().to_string()).collect();
        format!("{:?} ({}) {} of {}", self.op, self.op.name(), self.dtype, shapes.join(", "))
    }

    /// The positions of the inputs that the op is differentiated by: all floats, where it has a derivative, but neither
    /// masks nor targets, which nobody learns.
    pub(super) fn differentiable(&self) -> Vec<usize> {
        let learned = match self.op {
            Op::Bce => 1,
            Op::Sdpa { .. } => 3,
            op if op.has_gradient() => self.inputs.len(),
            _ => 0,
        };
        (0..learned.min(self.inputs.len())).filter(|&i| self.inputs[i].dtype() != DType::I64).collect()
    }
}
