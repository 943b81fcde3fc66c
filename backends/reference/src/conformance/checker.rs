//! Runs one call on a backend and on the reference, compares, and keeps what is missing and what failed.

use super::call::Call;
use super::cases::Case;
use super::{Failures, Gap, Verdict, widens};
use crate::Reference;
use chipmark_core::check::{Digest, Tolerance, compare};
use chipmark_core::{DType, Device, FullBackend, HostTensor, OpError, OpPath, OpResult, OpenOptions};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a call gave no result.
pub(super) enum Refusal {
    /// The backend said so.
    Error(OpError),
    /// It panicked, with this message.
    Panic(String),
}

/// Calls a backend such that its panic is a finding and does not hide the rest.
pub(super) fn attempt<T>(call: impl FnOnce() -> OpResult<T>) -> Result<T, Refusal> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(Refusal::Error),
        Err(payload) => {
            let text = payload.downcast_ref::<String>().cloned();
            let text = text.or_else(|| payload.downcast_ref::<&str>().map(|&text| text.to_owned()));
            Err(Refusal::Panic(text.unwrap_or_else(|| "without a message".to_owned())))
        }
    }
}

/// The digests of the outputs that are expected, and those of their scales.
pub(super) struct Expected {
    pub(super) outputs: Vec<Digest>,
    pub(super) scales: Option<Vec<Digest>>,
}

pub(super) fn digests(outputs: &[HostTensor]) -> Vec<Digest> {
    outputs.iter().map(Digest::of).collect()
}

/// A backend under examination.
pub(super) struct Checker<B> {
    pub(super) backend: B,
    pub(super) reference: Reference,
    gaps: Vec<Gap>,
    failures: Vec<String>,
}

impl<B: FullBackend> Checker<B> {
    pub(super) fn open(device: Device) -> Result<Self, Failures> {
        let options = OpenOptions { threads: None, seed: 1, ..OpenOptions::default() };
        match attempt(|| B::open(device, &options)) {
            Ok(backend) => {
                Ok(Checker { backend, reference: Reference::default(), gaps: Vec::new(), failures: Vec::new() })
            }
            Err(Refusal::Error(error)) => Err(Failures(vec![format!("{}:{device} does not open: {error}", B::NAME)])),
            Err(Refusal::Panic(text)) => Err(Failures(vec![format!("{}:{device} panics at open: {text}", B::NAME)])),
        }
    }

    pub(super) fn verdict(mut self) -> Verdict {
        self.gaps.sort();
        self.gaps.dedup_by(|a, b| a.what == b.what && a.dtype == b.dtype);
        if self.failures.is_empty() { Ok(self.gaps) } else { Err(Failures(self.failures)) }
    }

    pub(super) fn fail(&mut self, what: impl Into<String>) {
        self.failures.push(what.into());
    }

    /// Fails unless `right`.
    pub(super) fn require(&mut self, right: bool, what: impl FnOnce() -> String) {
        if !right {
            self.fail(what());
        }
    }

    /// Keeps what a call gave; without it, a gap if the backend says that it has no such thing, or a failure.
    pub(super) fn keep<T>(&mut self, name: &str, dtype: DType, label: &str, result: Result<T, Refusal>) -> Option<T> {
        match result {
            Ok(value) => return Some(value),
            Err(Refusal::Error(OpError::Unsupported { op, why })) => {
                // A dtype that cannot even be uploaded is one gap, not one for every op.
                let what = if op == "upload" { op.to_owned() } else { name.to_owned() };
                self.gaps.push(Gap { what, dtype, why: why.into_owned() });
            }
            Err(Refusal::Error(error)) => self.fail(format!("{label}: {error}")),
            Err(Refusal::Panic(text)) => self.fail(format!("{label}: panicked: {text}")),
        }
        None
    }

    /// Compares outputs with the expected ones: shapes, dtypes and, where the backend computes at all, elements.
    pub(super) fn compare(
        &mut self,
        label: &str,
        expected: &Expected,
        got: &[HostTensor],
        dtypes: &[DType],
        tolerance: Tolerance,
    ) {
        for (output, dtype) in got.iter().zip(dtypes) {
            let widened = widens::<B>() && output.dtype() == DType::F64;
            let given = output.dtype();
            self.require(given == *dtype || widened, || format!("{label}: gives {given} instead of {dtype}"));
        }
        let got = digests(got);
        if !B::ARITHMETIC {
            let shapes = |digests: &[Digest]| digests.iter().map(|d| d.shape.clone()).collect::<Vec<_>>();
            let (want, have) = (shapes(&expected.outputs), shapes(&got));
            self.require(want == have, || format!("{label}: gives the shapes {have:?} instead of {want:?}"));
            return;
        }
        let comparison = compare(&expected.outputs, expected.scales.as_deref(), &got, &[tolerance]);
        if comparison.passes() {
            return;
        }
        let mut what = format!("{label}: error {:.3e} over the bound {:.3e}", comparison.error, comparison.bound);
        if let Some(mismatch) = comparison.mismatch {
            what += &format!("; {mismatch}");
        }
        if let Some(worst) = comparison.worst {
            let (output, position) = (worst.output, worst.position);
            what +=
                &format!("; worst in output {output} at {position}: {:e} instead of {:e}", worst.got, worst.expected);
        }
        self.fail(what);
    }

    /// Checks one case: its outputs, that the op noted its path, and that it left its inputs as they are.
    pub(super) fn forward(&mut self, case: &Case) {
        let label = case.label();
        let absolute: Vec<HostTensor> = case.inputs.iter().map(HostTensor::abs).collect();
        let expected = run(&self.reference, &case.op, &case.inputs).and_then(|outputs| {
            let scales = run(&self.reference, &case.op.of_absolute_terms(), &absolute)?;
            Ok(Expected { outputs: digests(&outputs), scales: Some(digests(&scales)) })
        });
        let expected = match expected {
            Ok(expected) => expected,
            Err(error) => return self.fail(format!("{label}: the reference: {error}")),
        };

        self.backend.log().open();
        let images = case.op.images();
        let result = attempt(|| {
            let inputs = upload(&self.backend, &case.inputs, images)?;
            let outputs = download(&self.backend, &case.op.call(&self.backend, &inputs)?, images)?;
            Ok((outputs, download(&self.backend, &inputs, images)?))
        });
        let notes = self.backend.log().close();
        let name = case.op.name();
        let Some((got, inputs)) = self.keep(name, case.dtype, &label, result) else { return };
        let noted = notes.iter().any(|note| match note {
            OpPath::Native { op, .. } | OpPath::Composed { op, .. } => op == name,
        });
        self.require(noted, || format!("{label}: notes no path for {name}, only {notes:?}"));
        let dtype = case.op.output_dtype(case.dtype);
        self.compare(&label, &expected, &got, &vec![dtype; got.len()], case.tolerance);
        for (i, (before, after)) in case.inputs.iter().zip(&inputs).enumerate() {
            let kept = !B::ARITHMETIC || before.to_f64() == after.to_f64();
            self.require(kept, || format!("{label}: changes its input {i}"));
        }
    }
}

/// Brings inputs to the device, images in the backend's own layout.
pub(super) fn upload<B: FullBackend>(backend: &B, inputs: &[HostTensor], images: bool) -> OpResult<Vec<B::Tensor>> {
    let layout = backend.conv_layout();
    let own = |input: &HostTensor| if images { layout.from_channels_last(input.clone()) } else { Ok(input.clone()) };
    inputs.iter().map(|input| backend.upload(&own(input)?)).collect()
}

/// Finishes outputs and brings them back, images as channels-last.
pub(super) fn download<B: FullBackend>(backend: &B, outputs: &[B::Tensor], images: bool) -> OpResult<Vec<HostTensor>> {
    backend.finish(outputs)?;
    let layout = backend.conv_layout();
    let common = |host: HostTensor| if images { layout.to_channels_last(host) } else { Ok(host) };
    outputs.iter().map(|output| common(backend.download(output)?)).collect()
}

/// Uploads, calls and downloads.
pub(super) fn run<B: FullBackend>(backend: &B, call: &impl Call, inputs: &[HostTensor]) -> OpResult<Vec<HostTensor>> {
    let tensors = upload(backend, inputs, call.images())?;
    download(backend, &call.call(backend, &tensors)?, call.images())
}
