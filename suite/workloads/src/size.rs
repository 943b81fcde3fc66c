//! Workloads whose one parameter is the size of an array, written as in `16MiB`.

use crate::workload::Workload;
use chipmark_core::{ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, Mode, OpResult, Outputs, Tier, Tolerance};
use std::fmt::Debug;
use std::marker::PhantomData;

const UNITS: [(&str, usize); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

/// The most bytes of an array at tier `small`.
const SMALL_BYTES: usize = 16 << 20;

/// What such a workload does with its arrays.
pub(crate) trait BySize: Clone + Debug + PartialEq + 'static {
    const ID: &'static str;
    const ABOUT: &'static str;
    const MODES: &'static [Mode];
    /// How many arrays go in.
    const INPUTS: usize = 1;
    /// Whether they lie on the device before the clock starts.
    const RESIDENT: bool = true;

    /// Whether a framework's compiler can be given the step.
    const COMPILABLE: bool = Self::RESIDENT;

    /// What one call costs on arrays of so many elements and bytes.
    fn cost(elements: u64, bytes: u64) -> Cost;

    /// The range of the numbers in an array of so many.
    fn range(elements: usize) -> [f64; 2] {
        let _ = elements;
        [-1.0, 1.0]
    }

    /// How far the output may be off; a copy not at all.
    fn tolerance(dtype: DType) -> Tolerance {
        let _ = dtype;
        Tolerance::EXACT
    }

    /// The work, as [`Workload::step`] has it.
    fn step<B: FullBackend>(backend: &B, host: &[HostTensor], device: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>>;
}

/// A case: arrays of `bytes` bytes each.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OfSize<S> {
    bytes: usize,
    dtype: DType,
    work: PhantomData<S>,
}

impl<S: BySize> OfSize<S> {
    fn new(bytes: usize, dtype: DType) -> Self {
        OfSize { bytes, dtype, work: PhantomData }
    }

    fn elements(&self) -> usize {
        self.bytes / self.dtype.size_bytes()
    }
}

impl<S: BySize> Workload for OfSize<S> {
    const ID: &'static str = S::ID;
    const ABOUT: &'static str = S::ABOUT;
    const FORMS: &'static [&'static str] = &["{size}"];

    fn at(&self, tier: Tier) -> Self {
        let bytes = match tier {
            Tier::Full => self.bytes,
            Tier::Small => self.bytes.min(SMALL_BYTES),
            // A prime number of elements: no copy kernel's width divides it.
            Tier::Tiny => self.bytes.min(251 * self.dtype.size_bytes()),
        };
        OfSize::new(bytes, self.dtype)
    }

    fn label(&self) -> String {
        // 1GiB and 1024MiB are one case with one id.
        UNITS
            .into_iter()
            .find(|(_, unit)| self.bytes.is_multiple_of(*unit))
            .map_or_else(|| format!("{}B", self.bytes), |(name, unit)| format!("{}{name}", self.bytes / unit))
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        let bad = || format!("'{label}' is not a size: write it like 64KiB, 16MiB or 1GiB");
        let (digits, unit) = UNITS
            .into_iter()
            .find_map(|(name, unit)| label.strip_suffix(name).map(|digits| (digits, unit)))
            .or_else(|| label.strip_suffix('B').map(|digits| (digits, 1)))
            .ok_or_else(bad)?;
        let bytes = digits.parse::<usize>().ok().and_then(|n| n.checked_mul(unit)).ok_or_else(bad)?;
        if digits.starts_with(['0', '+']) || bytes == 0 || bytes > 1 << 40 || !bytes.is_multiple_of(dtype.size_bytes())
        {
            return Err(format!("'{label}' must be at least one element, whole elements, and at most 1024GiB"));
        }
        Ok(OfSize::new(bytes, dtype))
    }

    fn modes(&self) -> &'static [Mode] {
        S::MODES
    }

    fn cost(&self) -> Cost {
        S::cost(self.elements() as u64, self.bytes as u64)
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        vec![S::tolerance(self.dtype)]
    }

    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        let [low, high] = S::range(self.elements());
        (0..S::INPUTS).map(|_| fill.uniform([self.elements()], low, high, self.dtype)).collect()
    }

    fn resident(&self) -> bool {
        S::RESIDENT
    }

    fn compilable(&self) -> bool {
        S::COMPILABLE
    }

    fn step<B: FullBackend>(
        &self,
        backend: &B,
        host: &[HostTensor],
        device: &[B::Tensor],
    ) -> OpResult<Outputs<B::Tensor>> {
        S::step(backend, host, device)
    }
}
