//! Layer normalisation along the last axis.

use crate::along::shape_at;
use crate::workload::{Workload, bytes, named, product};
use chipmark_core::check::Scale;
use chipmark_core::{
    ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Shape, Tier, Tolerance,
};

/// What is added to the variance (as in `PyTorch` and MLX).
const EPSILON: f64 = 1e-5;

/// (x − mean x) / √(var x + ε) along the last axis, without weight and bias.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LayerNorm {
    shape: Shape,
    dtype: DType,
}

impl LayerNorm {
    fn length(&self) -> usize {
        self.shape.last().copied().unwrap_or(1)
    }
}

impl Workload for LayerNorm {
    const ID: &'static str = "layer_norm";
    const ABOUT: &'static str = "layer normalisation along the last axis, without weight and bias, epsilon 1e-5";
    const FORMS: &'static [&'static str] = &["{x}"];

    fn at(&self, tier: Tier) -> Self {
        LayerNorm { shape: shape_at(&self.shape, self.shape.rank().checked_sub(1), tier), dtype: self.dtype }
    }

    fn label(&self) -> String {
        self.shape.to_string()
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        let shape: Shape = label.parse()?;
        if shape.last() == Some(&1) {
            return Err(format!("the last axis of {shape} has one element, whose norm is zero whatever it is"));
        }
        Ok(LayerNorm { shape, dtype })
    }

    fn cost(&self) -> Cost {
        // Add up, subtract the mean, square and add up, multiply: five operations an element. A row's own few are not counted.
        let n = self.shape.numel();
        Cost::streaming(product(&[5, n]), bytes(n, self.dtype), bytes(n, self.dtype))
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        // A result is within ±2, the input's range over its deviation. The mean is off by a few units and the variance, a sum of
        // squares, by the sum's error ε. Kernels that take it as the mean of squares less the square of the mean, which a
        // mean of one and a variance of 4/3 leave, have 1.75·ε, and twice half of that in a result of two: so twice the sum's.
        vec![Tolerance::one_sign(self.dtype, self.length(), Scale::One).with(|sum| 2.0 * sum)]
    }

    /// Numbers in [−1, 3): their mean is one, so that leaving it in shows.
    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        Ok(vec![fill.uniform(self.shape.clone(), -1.0, 3.0, self.dtype)?])
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [x] = named(Self::ID, x)?;
        Ok(Outputs::one(backend.layer_norm(x, None, EPSILON)?))
    }
}
