//! What moving memory and launching work cost on a device: the roof of every op that computes little.

use crate::size::BySize;
use crate::workload::{Workload, named};
use chipmark_core::check::Scale;
use chipmark_core::{ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, Mode, OpResult, Outputs, Tier, Tolerance};

/// Nothing here has a transfer worth timing: those are workloads of their own.
const MODES: &[Mode] = &[Mode::Latency, Mode::Throughput, Mode::FirstCall];

/// One array to another.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeviceCopy;

impl BySize for DeviceCopy {
    const ID: &'static str = "copy";
    const ABOUT: &'static str = "copy of an array on the device: every byte read and written";
    const MODES: &'static [Mode] = MODES;

    fn cost(_: u64, bytes: u64) -> Cost {
        Cost::streaming(0, bytes, bytes)
    }

    fn step<B: FullBackend>(b: &B, _: &[HostTensor], device: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [x] = named(Self::ID, device)?;
        Ok(Outputs::one(b.copy(x)?))
    }
}

/// a + factor · b.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Triad;

/// The factor of `BabelStream` (Deakin et al., 2018). STREAM's own, 3, would do as well.
const FACTOR: f64 = 0.4;

impl BySize for Triad {
    const ID: &'static str = "triad";
    const ABOUT: &'static str = "a + 0.4·b over arrays on the device: the triad of STREAM, two read and one written";
    const MODES: &'static [Mode] = MODES;
    const INPUTS: usize = 2;

    fn cost(elements: u64, bytes: u64) -> Cost {
        Cost::streaming(2 * elements, 2 * bytes, bytes)
    }

    fn tolerance(dtype: DType) -> Tolerance {
        // The factor, the product and the sum are rounded.
        Tolerance::reduction(dtype, 2, Scale::AbsoluteInputs)
    }

    fn step<B: FullBackend>(b: &B, _: &[HostTensor], device: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [x, y] = named(Self::ID, device)?;
        Ok(Outputs::one(b.triad(x, y, FACTOR)?))
    }
}

/// The least work that there is, so that what is left is the cost of asking for it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Launch {
    dtype: DType,
}

/// The label: the op that is launched.
const LAUNCHED: &str = "add";

impl Workload for Launch {
    const ID: &'static str = "launch";
    const ABOUT: &'static str = "an op on one element: what asking for work costs, and waiting for it";
    const FORMS: &'static [&'static str] = &["{op}"];

    fn at(&self, _: Tier) -> Self {
        self.clone()
    }

    fn label(&self) -> String {
        LAUNCHED.to_owned()
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        if label == LAUNCHED { Ok(Launch { dtype }) } else { Err(format!("the op launched is {LAUNCHED}")) }
    }

    fn modes(&self) -> &'static [Mode] {
        MODES
    }

    fn cost(&self) -> Cost {
        let size = self.dtype.size_bytes() as u64;
        Cost::streaming(1, 2 * size, size)
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        // One rounding of the result.
        vec![Tolerance::reduction(self.dtype, 1, Scale::Element)]
    }

    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        Ok(vec![fill.signed([1], self.dtype)?, fill.signed([1], self.dtype)?])
    }

    fn step<B: FullBackend>(&self, b: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [x, y] = named(Self::ID, x)?;
        Ok(Outputs::one(b.add(x, y)?))
    }
}
