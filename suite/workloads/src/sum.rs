//! Sums along one axis and over everything.

use crate::along::{Along, shape_at};
use crate::workload::{Workload, bytes, named};
use chipmark_core::check::Scale;
use chipmark_core::{
    ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Shape, Tier, Tolerance,
};

/// The tolerance of a sum of numbers that are uniform in [−1, 1): eight units of the sum of their absolute values.
///
/// The bound for sums in general grows with the root of the length, and at the lengths of these cases would let anything pass:
/// the sum of 10⁸ numbers itself is smaller. But partial sums of random signs are small too: that of k numbers is about
/// √(k/3). In a plain loop, the worst of all, each addition is off by u times that at most and, rounding either way, by 0.4 of
/// it in the root mean square; all together by 0.4·u·√(Σ k/3) = 0.4·u·n/√6. The absolute values add up to n/2. So a loop is off
/// by a third of a unit of theirs, whatever its length. In a short one the signs may happen to be all alike: a dozen of them
/// are off by one unit. Eight are so many deviations that no draw exceeds them.
pub(crate) fn symmetric_sum(dtype: DType) -> Tolerance {
    Tolerance::reduction(dtype, 0, Scale::AbsoluteInputs)
}

/// The sum of x along an axis, which is removed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sum {
    along: Along,
    dtype: DType,
}

impl Workload for Sum {
    const ID: &'static str = "sum";
    const ABOUT: &'static str = "sum along one axis";
    const FORMS: &'static [&'static str] = &["{x}-axis{axis}"];

    fn at(&self, tier: Tier) -> Self {
        Sum { along: self.along.at(tier), dtype: self.dtype }
    }

    fn label(&self) -> String {
        self.along.label()
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        Ok(Sum { along: Along::parse(label)?, dtype })
    }

    fn cost(&self) -> Cost {
        let n = self.along.shape.numel();
        Cost::streaming(n as u64, bytes(n, self.dtype), bytes(self.along.lanes(), self.dtype))
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        vec![symmetric_sum(self.dtype)]
    }

    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        Ok(vec![fill.signed(self.along.shape.clone(), self.dtype)?])
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [x] = named(Self::ID, x)?;
        Ok(Outputs::one(backend.sum(x, self.along.axis)?))
    }
}

/// The sum of all elements of x.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SumAll {
    shape: Shape,
    dtype: DType,
}

impl Workload for SumAll {
    const ID: &'static str = "sum_all";
    const ABOUT: &'static str = "sum of all elements";
    const FORMS: &'static [&'static str] = &["{x}"];

    fn at(&self, tier: Tier) -> Self {
        SumAll { shape: shape_at(&self.shape, None, tier), dtype: self.dtype }
    }

    fn label(&self) -> String {
        self.shape.to_string()
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        Ok(SumAll { shape: label.parse()?, dtype })
    }

    fn cost(&self) -> Cost {
        let n = self.shape.numel();
        Cost::streaming(n as u64, bytes(n, self.dtype), bytes(1, self.dtype))
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        vec![symmetric_sum(self.dtype)]
    }

    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        Ok(vec![fill.signed(self.shape.clone(), self.dtype)?])
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [x] = named(Self::ID, x)?;
        Ok(Outputs::one(backend.sum_all(x)?))
    }
}
