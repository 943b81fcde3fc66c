//! The index of the largest element along one axis.

use crate::along::Along;
use crate::host::floats;
use crate::workload::{Workload, bytes, named};
use chipmark_core::{ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Tier, Tolerance};

/// What is larger than every other element: those are in [−1, 1], rounded or not.
const LARGEST: f32 = 2.0;

/// Argmax of x along an axis, which is removed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Argmax {
    along: Along,
    dtype: DType,
}

impl Workload for Argmax {
    const ID: &'static str = "argmax";
    const ABOUT: &'static str = "index of the largest element along one axis";
    const FORMS: &'static [&'static str] = &["{x}-axis{axis}"];

    fn at(&self, tier: Tier) -> Self {
        Argmax { along: self.along.at(tier), dtype: self.dtype }
    }

    fn label(&self) -> String {
        self.along.label()
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        Ok(Argmax { along: Along::parse(label)?, dtype })
    }

    fn cost(&self) -> Cost {
        // A comparison an element, which softmax counts too. An index has the eight bytes that it has on the host.
        let n = self.along.shape.numel();
        Cost::streaming(n as u64, bytes(n, self.dtype), bytes(self.along.lanes(), DType::I64))
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        vec![Tolerance::EXACT]
    }

    /// Uniform numbers, and one in a random place of each lane that is larger than all: of equal elements any would be right,
    /// and drawn numbers are often equal, in half dtypes nearly always.
    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        let Along { shape, axis } = &self.along;
        #[expect(clippy::cast_possible_truncation, reason = "rounding is the purpose")]
        let mut values: Vec<f32> = (0..shape.numel()).map(|_| (2.0 * fill.unit() - 1.0) as f32).collect();
        let (length, stride) = (self.along.length(), shape.strides()[*axis]);
        for block in values.chunks_exact_mut(length * stride) {
            for lane in 0..stride {
                block[fill.below(length) * stride + lane] = LARGEST;
            }
        }
        Ok(vec![floats(shape.clone(), values, self.dtype)?])
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [x] = named(Self::ID, x)?;
        Ok(Outputs::one(backend.argmax(x, self.along.axis)?))
    }
}
