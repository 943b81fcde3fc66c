//! Compiled execution: a step gives what it gives when it is executed op by op, on whatever inputs it is run, and is traced
//! once.

use super::Verdict;
use super::call::{Call, Step};
use super::cases::Inputs;
use super::checker::{Checker, Expected, Refusal, attempt, digests, download, run, upload};
use chipmark_core::check::{Scale, Tolerance};
use chipmark_core::{DType, Device, Execution, FullBackend, HostTensor, OpError, OpResult};

/// Inputs of a step: for the same dtype always of the same shapes, and for another `seed` with other elements.
fn inputs(step: Step, dtype: DType, seed: &str) -> OpResult<Vec<HostTensor>> {
    let mut inputs = Inputs::new(&format!("compiled {seed}"), dtype);
    Ok(match step {
        Step::Chain => vec![inputs.signed(&[3, 5])?, inputs.signed(&[5, 7])?, inputs.signed(&[7])?],
        Step::Softmax => vec![inputs.signed(&[5, 3])?],
        Step::Gather => vec![inputs.signed(&[6, 5])?, inputs.indices(11, 6)?],
        Step::TwoOutputs => vec![inputs.signed(&[3, 5])?, inputs.signed(&[3, 5])?],
        Step::Refusal => vec![inputs.signed(&[3])?],
    })
}

/// The outputs of one compiled step for each of several inputs, and how often it was traced. The first are its example.
fn outputs<B: FullBackend>(
    backend: &B,
    step: Step,
    inputs: &[Vec<HostTensor>],
) -> OpResult<(Vec<Vec<HostTensor>>, u64)> {
    let tensors = inputs.iter().map(|inputs| upload(backend, inputs, false)).collect::<OpResult<Vec<_>>>()?;
    let example = tensors.first().map_or(&[][..], Vec::as_slice);
    let mut compiled = backend.compile(|backend, inputs| step.call(backend, inputs), example)?;
    let outputs =
        tensors.iter().map(|inputs| download(backend, &compiled.run(inputs)?, false)).collect::<OpResult<Vec<_>>>()?;
    Ok((outputs, compiled.traces()))
}

impl<B: FullBackend> Checker<B> {
    /// A step compiled on one example and run on it, on other inputs, and on the example again.
    fn compiled(&mut self, step: Step, dtype: DType) -> OpResult<()> {
        let (first, second) = (inputs(step, dtype, "first")?, inputs(step, dtype, "second")?);
        let rounds = [first.clone(), second, first];
        let result = attempt(|| outputs(&self.backend, step, &rounds));
        let label = format!("compiled {step:?} {dtype}");
        let Some((outputs, traces)) = self.keep(step.name(), dtype, &label, result) else { return Ok(()) };
        self.require(traces == 1, || format!("{label}: traced {traces} times"));
        // All results are of order one, and none is a longer sum.
        let tolerance = Tolerance::reduction(dtype, 9, Scale::One);
        for (round, (inputs, got)) in rounds.iter().zip(&outputs).enumerate() {
            let label = format!("{label}, run {round}");
            let expected = Expected { outputs: digests(&run(&self.reference, &step, inputs)?), scales: None };
            self.compare(&label, &expected, got, &vec![dtype; got.len()], tolerance);
        }
        Ok(())
    }

    /// An error inside the step comes out as one.
    fn refuses_while_compiling(&mut self) -> OpResult<()> {
        let planted = [inputs(Step::Refusal, DType::F32, "first")?];
        match attempt(|| outputs(&self.backend, Step::Refusal, &planted)) {
            Err(Refusal::Error(_)) => {}
            Err(Refusal::Panic(text)) => self.fail(format!("an error inside a compiled step panicked: {text}")),
            Ok(_) => self.fail("an error inside a compiled step was swallowed"),
        }
        Ok(())
    }

    /// What only executes op by op says so.
    fn refuses_to_compile(&mut self) -> OpResult<()> {
        let example = [inputs(Step::Softmax, DType::F32, "first")?];
        match attempt(|| outputs(&self.backend, Step::Softmax, &example)) {
            Err(Refusal::Error(OpError::Unsupported { .. })) => {}
            Err(Refusal::Error(error)) => {
                self.fail(format!("compile is not listed, and fails by another way: {error}"));
            }
            Err(Refusal::Panic(text)) => self.fail(format!("compile is not listed, and panicked: {text}")),
            Ok(_) => self.fail("compile works, but EXECUTIONS does not list it"),
        }
        Ok(())
    }
}

/// Steps compiled as a whole, where the backend lists an execution of that kind; elsewhere, that it refuses to.
///
/// # Errors
/// With every step that failed.
pub fn compiled<B: FullBackend>(device: Device) -> Verdict {
    let mut checker = Checker::<B>::open(device)?;
    let all = |checker: &mut Checker<B>| {
        if B::EXECUTIONS.iter().all(|&execution| execution == Execution::Eager) {
            return checker.refuses_to_compile();
        }
        // Before the others, so that a trace left open shows in them.
        checker.refuses_while_compiling()?;
        for dtype in DType::TIMED {
            for step in [Step::Chain, Step::Softmax, Step::Gather, Step::TwoOutputs] {
                checker.compiled(step, dtype)?;
            }
        }
        Ok(())
    };
    let result: OpResult<()> = all(&mut checker);
    if let Err(error) = result {
        checker.fail(format!("no inputs: {error}"));
    }
    checker.verdict()
}
