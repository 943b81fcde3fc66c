//! What a workload is: a value that holds a case's parameters and knows its shapes, cost, inputs and step.

use chipmark_core::{CaseId, ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, Mode, OpResult, Outputs};
use chipmark_core::{Tier, Tolerance};
use std::fmt::Debug;

/// Why a case id names no case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// No workload has this name.
    #[error("unknown workload '{name}'{}", nearest.as_ref().map(|n| format!("; did you mean '{n}'?")).unwrap_or_default())]
    UnknownWorkload {
        /// The name given.
        name: String,
        /// The nearest that there is.
        nearest: Option<String>,
    },
    /// The shapes or options do not fit the workload.
    #[error("{workload}: '{label}' does not fit: {why}")]
    BadLabel {
        /// The workload's id.
        workload: &'static str,
        /// The label given.
        label: String,
        /// What is wrong with it.
        why: String,
    },
    /// The workload has no such dtype.
    #[error("{workload} has no cases in {dtype}")]
    NoDtype {
        /// The workload's id.
        workload: &'static str,
        /// The dtype given.
        dtype: DType,
    },
}

/// An op, a layer or a model, with a case's parameters.
pub trait Workload: Sized + Clone + Debug + PartialEq + 'static {
    /// The id, as it stands in case ids.
    const ID: &'static str;

    /// What is computed, in one line.
    const ABOUT: &'static str;

    /// The ways to write a case by named parts: each form is a label in which `{name}` stands for a part's value, such as
    /// `{a}@{b}`. The forms of a workload differ in their names.
    const FORMS: &'static [&'static str];

    /// The dtypes that it has.
    const DTYPES: &'static [DType] = &DType::TIMED;

    /// The same case at another size: same rank, axes and options.
    #[must_use]
    fn at(&self, tier: Tier) -> Self;

    /// Shapes and options as they stand in the case id. The inverse of [`Workload::parse`].
    fn label(&self) -> String;

    /// The element type.
    fn dtype(&self) -> DType;

    /// Reads a label.
    ///
    /// # Errors
    /// One line saying what does not fit.
    fn parse(label: &str, dtype: DType) -> Result<Self, String>;

    /// The modes in which the case can be timed.
    fn modes(&self) -> &'static [Mode] {
        &Mode::ALL
    }

    /// What one call costs by counting.
    fn cost(&self) -> Cost;

    /// How far each output of a call, after the carried ones, may be off: one tolerance each, or one for all; where errors grow
    /// from call to call, one each of many calls.
    fn tolerances(&self) -> Vec<Tolerance>;

    /// The inputs, made on the host, the same bytes for every backend; only the order of axes follows `layout`.
    ///
    /// # Errors
    /// When a shape cannot be made.
    fn inputs(&self, fill: &mut Fill, layout: ConvLayout) -> OpResult<Vec<HostTensor>>;

    /// Whether the inputs lie on the device before the clock starts. False where moving them is the work.
    fn resident(&self) -> bool {
        true
    }

    /// Whether a framework's compiler can be given the step. False where the step reaches for the host.
    fn compilable(&self) -> bool {
        self.resident()
    }

    /// How many outputs, the first ones, replace as many inputs, the first ones, for the next call: the state of training.
    fn carried(&self) -> usize {
        0
    }

    /// How many calls in a row a check compares.
    fn checked_calls(&self) -> usize {
        1
    }

    /// Whether the case's tensors have a backend's convolution layout.
    fn has_layout(&self) -> bool {
        false
    }

    /// An output as read from a backend, brought to the layout of the workload's border.
    ///
    /// # Errors
    /// When its rank is not what it should be.
    fn canonical(&self, output: HostTensor, layout: ConvLayout) -> OpResult<HostTensor> {
        let _ = layout;
        Ok(output)
    }

    /// The work. `host` are the inputs on the host, `device` the same on the device (empty unless
    /// [`Workload::resident`]). Every call makes fresh outputs.
    ///
    /// # Errors
    /// Whatever the backend reports.
    fn step<B: FullBackend>(
        &self,
        backend: &B,
        host: &[HostTensor],
        device: &[B::Tensor],
    ) -> OpResult<Outputs<B::Tensor>>;

    /// What the random numbers of the inputs depend on, beside the seed: the case, unless two cases share their inputs.
    fn fill_key(&self) -> String {
        self.id().to_string()
    }

    /// The case's id.
    fn id(&self) -> CaseId {
        CaseId { workload: Self::ID.to_owned(), label: self.label(), dtype: self.dtype() }
    }
}

/// The inputs of a step by name, or an error where there are fewer: a backend that loses one must not make us panic.
pub(crate) fn named<'a, T, const N: usize>(workload: &'static str, tensors: &'a [T]) -> OpResult<&'a [T; N]> {
    tensors.first_chunk::<N>().ok_or_else(|| {
        let message = format!("{} inputs instead of {N}", tensors.len());
        chipmark_core::OpError::framework(workload, message)
    })
}

/// Bytes of so many elements.
pub(crate) fn bytes(elements: usize, dtype: DType) -> u64 {
    (elements as u64).saturating_mul(dtype.size_bytes() as u64)
}

/// The product of counts, saturating.
pub(crate) fn product(counts: &[usize]) -> u64 {
    counts.iter().fold(1u64, |p, &n| p.saturating_mul(n as u64))
}

/// Reads `A@B`, two shapes.
pub(crate) fn two_shapes(label: &str) -> Result<(chipmark_core::Shape, chipmark_core::Shape), String> {
    let (a, b) = label.split_once('@').ok_or("write two shapes joined by '@', such as 64x32@32x16")?;
    Ok((a.parse()?, b.parse()?))
}
