//! The running sum along one axis.

use crate::along::Along;
use crate::sum::{range, symmetric_sum};
use crate::workload::{Workload, bytes, named};
use chipmark_core::{ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Tier, Tolerance};

/// The sums of each element of x and all before it along an axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cumsum {
    along: Along,
    dtype: DType,
}

impl Workload for Cumsum {
    const ID: &'static str = "cumsum";
    const ABOUT: &'static str = "running sum along one axis";
    const FORMS: &'static [&'static str] = &["{x}-axis{axis}"];

    fn at(&self, tier: Tier) -> Self {
        Cumsum { along: self.along.at(tier), dtype: self.dtype }
    }

    fn label(&self) -> String {
        self.along.label()
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        Ok(Cumsum { along: Along::parse(label)?, dtype })
    }

    fn cost(&self) -> Cost {
        // An addition an element, one after the other: a way that has them side by side adds more.
        let n = self.along.shape.numel();
        let moved = bytes(n, self.dtype);
        Cost::streaming(n as u64, moved, moved)
    }

    /// What holds of a sum holds of the sums on the way to it, each beside the absolute values up to it.
    fn tolerances(&self) -> Vec<Tolerance> {
        vec![symmetric_sum(self.dtype)]
    }

    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        let [low, high] = range(self.along.length());
        Ok(vec![fill.uniform(self.along.shape.clone(), low, high, self.dtype)?])
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [x] = named(Self::ID, x)?;
        Ok(Outputs::one(backend.cumsum(x, self.along.axis)?))
    }
}
