//! Binary cross-entropy of probabilities.

use crate::along::shape_at;
use crate::host::floats;
use crate::workload::{Workload, bytes, named, product};
use chipmark_core::check::Scale;
use chipmark_core::{
    ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Shape, Tier, Tolerance,
};

/// The mean over all elements of the binary cross-entropy of probabilities against targets 0 and 1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bce {
    shape: Shape,
    dtype: DType,
}

impl Workload for Bce {
    const ID: &'static str = "bce";
    const ABOUT: &'static str = "binary cross-entropy of probabilities, not logits, against targets 0 and 1: the mean";
    const FORMS: &'static [&'static str] = &["{x}"];

    fn at(&self, tier: Tier) -> Self {
        Bce { shape: shape_at(&self.shape, None, tier), dtype: self.dtype }
    }

    fn label(&self) -> String {
        self.shape.to_string()
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        Ok(Bce { shape: label.parse()?, dtype })
    }

    fn cost(&self) -> Cost {
        // −t·ln p − (1 − t)·ln(1 − p): two logarithms, two products, three subtractions; and the sum. The division is one in all.
        let n = self.shape.numel();
        Cost::streaming(
            product(&[8, n]).saturating_add(1),
            bytes(n, self.dtype).saturating_mul(2),
            bytes(1, self.dtype),
        )
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        vec![Tolerance::composed(self.dtype, self.shape.numel(), Scale::Element)]
    }

    /// Probabilities on their target's side of one half, in [0.05, 0.4] or [0.6, 0.95], as a classifier gives that has learned:
    /// no dtype rounds one to 0 or 1. Taken for logits they would all mean no more than a good guess and cost twice as much;
    /// of probabilities that know nothing of their targets, the means would be too alike at a few elements.
    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        let n = self.shape.numel();
        let (mut probabilities, mut targets) = (Vec::with_capacity(n), Vec::with_capacity(n));
        for _ in 0..n {
            let drawn = 2.0 * fill.unit() - 1.0;
            #[expect(clippy::cast_possible_truncation, reason = "rounding is the purpose")]
            probabilities.push((0.5 + 0.1f64.copysign(drawn) + 0.35 * drawn) as f32);
            targets.push(if drawn < 0.0 { 0.0 } else { 1.0 });
        }
        Ok(vec![
            floats(self.shape.clone(), probabilities, self.dtype)?,
            floats(self.shape.clone(), targets, self.dtype)?,
        ])
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [probabilities, targets] = named(Self::ID, x)?;
        Ok(Outputs::one(backend.bce(probabilities, targets)?))
    }
}
