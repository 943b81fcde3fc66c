//! Gradients of every op that has one, and of a small network, against the reference's.

use super::Verdict;
use super::call::{Call, Network, SquareOfFirst, scalar};
use super::cases::{DIFFERENTIABLE, Inputs};
use super::checker::{Checker, Expected, Refusal, attempt, digests, download, upload};
use crate::Reference;
use chipmark_core::check::{Digest, Scale, Tolerance};
use chipmark_core::{DType, Device, FullBackend, HostData, HostTensor, OpError, OpResult};

/// A call to differentiate by some of its inputs.
struct Question<'a, C> {
    call: C,
    dtype: DType,
    label: String,
    inputs: &'a [HostTensor],
    /// Positions of the inputs to differentiate by.
    by: &'a [usize],
    /// What the output is multiplied with before its mean is taken; without it the output is one element already.
    weights: Option<HostTensor>,
    /// The magnitude that a gradient has by nature: one over the number of elements whose mean is taken. Gradients that
    /// vanish are right within its rounding. Zero where they must be zero exactly.
    natural: f64,
}

/// The value and the gradients, in this order.
fn ask<B: FullBackend>(backend: &B, question: &Question<impl Call>) -> OpResult<Vec<HostTensor>> {
    let images = question.call.images();
    let tensors = upload(backend, question.inputs, images)?;
    let weights = upload(backend, question.weights.as_slice(), images)?;
    let params: Vec<B::Tensor> =
        question.by.iter().filter_map(|&i| tensors.get(i)).map(|tensor| backend.share(tensor)).collect();
    let f = |backend: &B, params: &[B::Tensor]| {
        let mut inputs: Vec<B::Tensor> = tensors.iter().map(|tensor| backend.share(tensor)).collect();
        for (&i, param) in question.by.iter().zip(params) {
            inputs[i] = backend.share(param);
        }
        scalar(&question.call, backend, &inputs, weights.first())
    };
    let (value, gradients) = backend.value_and_grad(f, &params)?;
    let mut outputs = download(backend, &[value], false)?;
    outputs.extend(download(backend, &gradients, images)?);
    Ok(outputs)
}

/// The digest of the scale of a value or a gradient: for every element the same, the largest term that was added up for
/// any of them, because a small gradient is a sum in which large terms cancelled.
fn scale(of: &Digest, on_absolute_inputs: &Digest, natural: f64) -> Digest {
    let terms = of.values.iter().chain(&on_absolute_inputs.values);
    let largest = terms.fold(natural, |largest, x| largest.max(x.abs()));
    let abs_sum = largest * of.shape.numel() as f64;
    Digest { values: vec![largest; of.values.len()], sum: abs_sum, abs_sum, ..of.clone() }
}

/// What the reference answers, with the scales of its value and gradients.
fn expected(reference: &Reference, question: &Question<impl Call>) -> OpResult<Expected> {
    let outputs = digests(&ask(reference, question)?);
    let absolute: Vec<HostTensor> = question.inputs.iter().map(HostTensor::abs).collect();
    let bound = digests(&ask(
        reference,
        &Question {
            call: question.call.of_absolute_terms(),
            inputs: &absolute,
            weights: question.weights.as_ref().map(HostTensor::abs),
            label: question.label.clone(),
            ..*question
        },
    )?);
    let scales = outputs.iter().zip(&bound).map(|(output, bound)| scale(output, bound, question.natural)).collect();
    Ok(Expected { outputs, scales: Some(scales) })
}

impl<B: FullBackend> Checker<B> {
    fn gradient(&mut self, question: &Question<impl Call>) {
        let label = &question.label;
        let expected = match expected(&self.reference, question) {
            Ok(expected) => expected,
            Err(error) => return self.fail(format!("{label}: the reference: {error}")),
        };
        let result = attempt(|| ask(&self.backend, question));
        let name = format!("gradient of {}", question.call.name());
        let Some(got) = self.keep(&name, question.dtype, label, result) else { return };
        // The longest sum on the way back is over all elements of an input, or of the output.
        let terms = question.inputs.iter().chain(&question.weights).map(|tensor| tensor.shape().numel()).max();
        let tolerance = Tolerance::composed(question.dtype, terms.unwrap_or(1), Scale::AbsoluteInputs);
        // Every step of the way back rounds to the dtype, and what is left of it may be small: so are all elements together.
        let tolerance = Tolerance { summed: tolerance.bound, ..tolerance };
        let dtypes = vec![question.dtype; got.len()];
        self.compare(label, &expected, &got, &dtypes, tolerance);
    }

    /// Each op of the differentiable families: the mean of its output under fixed random weights.
    fn gradients_of_ops(&mut self, dtype: DType) -> OpResult<()> {
        for family in DIFFERENTIABLE {
            for case in family(dtype)? {
                let by = case.differentiable();
                if by.is_empty() {
                    continue;
                }
                let mut inputs = Inputs::new(&case.label(), dtype);
                let tensors = upload(&self.reference, &case.inputs, false)?;
                let shape = case.op.call(&self.reference, &tensors)?.first().map(|y| y.shape().to_vec());
                let weights = shape.map(|dims| inputs.nonzero(&dims)).transpose()?;
                let label = format!("gradient of {}", case.label());
                let natural = 1.0 / weights.as_ref().map_or(1, |w| w.shape().numel()) as f64;
                let (call, inputs) = (case.op, &case.inputs);
                self.gradient(&Question { call, dtype, label, inputs, by: &by, weights, natural });
            }
        }
        Ok(())
    }

    /// Gradients that flow along several paths, or along none.
    fn gradients_of_networks(&mut self, dtype: DType) -> OpResult<()> {
        let mut inputs = Inputs::new("networks", dtype);
        let (nodes, edges, features) = (9, 23, 5);
        let tensors = [
            inputs.signed(&[nodes, 3])?,
            inputs.signed(&[features, 3])?,
            inputs.signed(&[features, features])?,
            inputs.signed(&[features])?,
            inputs.indices(edges, nodes)?,
            inputs.indices(edges, nodes)?,
            inputs.indices(nodes, features)?,
        ];
        let label = format!("gradient of a network {dtype}");
        let by = [1, 2, 3];
        let (call, natural) = (Network, 1.0 / nodes as f64);
        self.gradient(&Question { call, dtype, label, inputs: &tensors, by: &by, weights: None, natural });

        let tensors = [inputs.signed(&[7])?, inputs.signed(&[2, 3])?];
        let label = format!("gradient of a square, and by a parameter that is not used, {dtype}");
        let weights = Some(inputs.nonzero(&[7])?);
        let (call, natural) = (SquareOfFirst, 0.0);
        self.gradient(&Question { call, dtype, label, inputs: &tensors, by: &[0, 1], weights, natural });
        Ok(())
    }

    /// A function of several elements has no gradient; outside of `value_and_grad` nothing is recorded.
    fn refuses_many_elements(&mut self) -> OpResult<()> {
        let inputs = [Inputs::new("many", DType::F32).signed(&[3])?];
        let label = "the gradient of a function of 3 elements".to_owned();
        let (call, dtype) = (SquareOfFirst, DType::F32);
        let question = Question { call, dtype, label, inputs: &inputs, by: &[0], weights: None, natural: 0.0 };
        match attempt(|| ask(&self.backend, &question)) {
            Err(Refusal::Error(_)) => {}
            Err(Refusal::Panic(text)) => self.fail(format!("{}: panicked: {text}", question.label)),
            Ok(_) => self.fail(format!("{}: accepted", question.label)),
        }
        Ok(())
    }

    /// An error inside the function comes out as it is, and the backend works on.
    fn survives_an_error(&mut self) -> OpResult<()> {
        let host = HostTensor::new([2], HostData::F32(vec![1.0, 2.0]))?;
        let planted = OpError::framework("mul", "planted");
        let result = attempt(|| {
            let params = [self.backend.upload(&host)?];
            self.backend.value_and_grad(|_, _| Err(planted.clone()), &params).map(|_| ())
        });
        match result {
            Err(Refusal::Error(error)) if error == planted => {}
            Err(Refusal::Error(OpError::Unsupported { .. })) => {}
            Err(Refusal::Error(error)) => self.fail(format!("an error inside value_and_grad came out as: {error}")),
            Err(Refusal::Panic(text)) => self.fail(format!("an error inside value_and_grad panicked: {text}")),
            Ok(()) => self.fail("an error inside value_and_grad was swallowed"),
        }
        Ok(())
    }
}

/// The gradients of every differentiable op by every float input, of a small network, and of what should have none.
///
/// # Errors
/// With every case that failed.
pub fn gradients<B: FullBackend>(device: Device) -> Verdict {
    let mut checker = Checker::<B>::open(device)?;
    let all = |checker: &mut Checker<B>| {
        // Before the others, so that a tape left open shows in them.
        checker.survives_an_error()?;
        checker.refuses_many_elements()?;
        for dtype in DType::TIMED {
            checker.gradients_of_ops(dtype)?;
            checker.gradients_of_networks(dtype)?;
        }
        Ok(())
    };
    let result: OpResult<()> = all(&mut checker);
    if let Err(error) = result {
        checker.fail(format!("no inputs: {error}"));
    }
    checker.verdict()
}
