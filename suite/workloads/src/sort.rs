//! Sorting along one axis.

use crate::along::Along;
use crate::workload::{Workload, bytes, named};
use chipmark_core::{ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Tier, Tolerance};

/// The elements of x in ascending order along an axis. Values and no indices come out, so that equal elements, of which half
/// dtypes have many, are as good as each other.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sort {
    along: Along,
    dtype: DType,
}

impl Workload for Sort {
    const ID: &'static str = "sort";
    const ABOUT: &'static str = "elements in ascending order along one axis";
    const FORMS: &'static [&'static str] = &["{x}-axis{axis}"];

    fn at(&self, tier: Tier) -> Self {
        Sort { along: self.along.at(tier), dtype: self.dtype }
    }

    fn label(&self) -> String {
        self.along.label()
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        Ok(Sort { along: Along::parse(label)?, dtype })
    }

    fn cost(&self) -> Cost {
        // How often elements are compared depends on the algorithm, and a radix sort compares none: no FLOP.
        let moved = bytes(self.along.shape.numel(), self.dtype);
        Cost::streaming(0, moved, moved)
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        vec![Tolerance::EXACT]
    }

    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        Ok(vec![fill.signed(self.along.shape.clone(), self.dtype)?])
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [x] = named(Self::ID, x)?;
        Ok(Outputs::one(backend.sort(x, self.along.axis)?))
    }
}
