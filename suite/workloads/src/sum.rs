//! Sums along one axis, total and running, and over everything.

use crate::along::{Along, shape_at};
use crate::tier::shrink;
use crate::workload::{Workload, bytes, named, product};
use chipmark_core::check::Scale;
use chipmark_core::{
    ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Shape, Tier, Tolerance,
};
use std::fmt::Debug;
use std::marker::PhantomData;

/// How far the mean of the numbers that are added up lies from zero, in deviations of their sum.
const AWAY: f64 = 4.0;

/// The range of `length` numbers to be added up: of either sign, and as wide as [−1, 1), whose sum has a deviation of √(n/3). Their
/// mean is so little above zero that partial sums stay as small as those of random signs, and enough that the sum is
/// never near zero by chance, where any error is large beside it.
#[expect(clippy::cast_precision_loss, reason = "a length is far below 2^53")]
pub(crate) fn range(length: usize) -> [f64; 2] {
    let mean = AWAY / (3.0 * length as f64).sqrt();
    [mean - 1.0, mean + 1.0]
}

/// The tolerance of a sum of numbers in their [`range`]: eight units of the sum of their absolute values, and of all sums together a
/// tenth of themselves.
///
/// The bound for sums in general grows with the root of the length, and at the lengths of these cases would let anything pass:
/// the sum of 10⁸ numbers itself is smaller. But partial sums are small too: that of k numbers is about √(k/3) + 2.3·k/√n. In a
/// plain loop, the worst of all, each addition is off by u times that at most and, rounding either way, by 0.4 of it in the root
/// mean square; all together by 0.56·u·n. The absolute values add up to n/2. So a loop is off by one unit of theirs, whatever its
/// length. Eight are so many deviations that no draw exceeds them.
pub(crate) fn symmetric_sum(dtype: DType) -> Tolerance {
    Tolerance::reduction(dtype, 0, Scale::AbsoluteInputs)
}

/// What is summed along an axis.
pub(crate) trait Summing: Clone + Debug + PartialEq + 'static {
    const ID: &'static str;
    const ABOUT: &'static str;

    /// How many sums come out.
    fn sums(along: &Along) -> usize;

    /// The work.
    fn of<B: FullBackend>(backend: &B, x: &B::Tensor, axis: usize) -> OpResult<B::Tensor>;
}

/// Sums of x along an axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SumAlong<S> {
    along: Along,
    dtype: DType,
    summing: PhantomData<S>,
}

impl<S: Summing> Workload for SumAlong<S> {
    const ID: &'static str = S::ID;
    const ABOUT: &'static str = S::ABOUT;
    const FORMS: &'static [&'static str] = &["{x}-axis{axis}"];

    fn at(&self, tier: Tier) -> Self {
        SumAlong { along: self.along.at(tier), ..*self }
    }

    fn label(&self) -> String {
        self.along.label()
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        Ok(SumAlong { along: Along::parse(label)?, dtype, summing: PhantomData })
    }

    fn cost(&self) -> Cost {
        // An addition an element, one after the other: a way that has running sums side by side adds more.
        let n = self.along.shape.numel();
        Cost::streaming(n as u64, bytes(n, self.dtype), bytes(S::sums(&self.along), self.dtype))
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
        Ok(Outputs::one(S::of(backend, x, self.along.axis)?))
    }
}

/// `sum`: one for each lane of the axis, which is removed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Total;

impl Summing for Total {
    const ID: &'static str = "sum";
    const ABOUT: &'static str = "sum along one axis";

    fn sums(along: &Along) -> usize {
        along.lanes()
    }

    fn of<B: FullBackend>(backend: &B, x: &B::Tensor, axis: usize) -> OpResult<B::Tensor> {
        backend.sum(x, axis)
    }
}

/// `cumsum`: one for each element, with all before it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Running;

impl Summing for Running {
    const ID: &'static str = "cumsum";
    const ABOUT: &'static str = "running sum along one axis";

    fn sums(along: &Along) -> usize {
        along.shape.numel()
    }

    fn of<B: FullBackend>(backend: &B, x: &B::Tensor, axis: usize) -> OpResult<B::Tensor> {
        backend.cumsum(x, axis)
    }
}

/// The most elements at tier `tiny`.
const TINY_TERMS: u64 = 512;

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
        let mut shape = shape_at(&self.shape, None, tier);
        if tier == Tier::Tiny {
            // A framework that adds up bf16 in itself is right of so many, and not of many more.
            shape = Shape(shrink(shape.0, TINY_TERMS, |dims| product(dims)));
        }
        SumAll { shape, dtype: self.dtype }
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
        let [low, high] = range(self.shape.numel());
        Ok(vec![fill.uniform(self.shape.clone(), low, high, self.dtype)?])
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [x] = named(Self::ID, x)?;
        Ok(Outputs::one(backend.sum_all(x)?))
    }
}
