//! Steps compiled by `TorchScript`: traced once, then run by its executor. And what a trace cannot hold.
//!
//! A trace is the list of libtorch's ops that ran while the step did. Tensors that the step has from elsewhere than its
//! inputs become constants of the program; so do shapes, which is why it takes no others.

use crate::error::{sorted, sorted_message};
use crate::shim::jit::{self, Program, Recording};
use crate::{Tch, grad};
use chipmark_core::{Backend, Compiled, CompiledStep, OpError, OpResult};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use tch::Tensor;

const OP: &str = "compile";

/// Sets how programs are executed: as PyTorch does by itself. An executor watches a program's first run, optimises it
/// before the second, and uses what it made from then on.
///
/// # Errors
/// When libtorch refuses.
pub(crate) fn demand() -> OpResult<()> {
    jit::set_executor().map_err(|message| sorted_message("open", &message))
}

/// How programs are executed, read back: each setting by its name.
pub(crate) fn in_force() -> BTreeMap<String, String> {
    crate::info::pairs(&jit::executor().unwrap_or_default())
}

/// Whether this thread records what it calls.
pub(crate) fn is_recording(op: &'static str) -> OpResult<bool> {
    jit::is_recording().map_err(|message| sorted_message(op, &message))
}

/// Refuses what leaves libtorch's ops and comes back: a trace would keep what came back as a constant, and every run
/// would have the result of the first.
pub(crate) fn unless_recording(op: &'static str, why: &'static str) -> OpResult<()> {
    if is_recording(op)? { Err(OpError::unsupported(op, why)) } else { Ok(()) }
}

/// Where a backend keeps the step that it traces.
pub(crate) type Place = RefCell<Option<Tracing>>;

/// A step that is being traced.
pub(crate) struct Tracing {
    recording: Recording,
    /// The step's arguments.
    inputs: Vec<Tensor>,
    /// The part that was traced before, where the step has taken its gradient.
    gradient: Option<Gradient>,
}

/// The first part of a step that trains: all that leads to a value, as a program, and the inputs that its gradient is taken by.
struct Gradient {
    program: Program,
    params: Vec<usize>,
}

impl Gradient {
    /// The value at these inputs, then its gradients. The program's ops are recorded as they run, and autograd goes back over
    /// them.
    fn run(&mut self, inputs: &[Tensor]) -> OpResult<Vec<Tensor>> {
        let mut given: Vec<Tensor> = inputs.iter().map(Tensor::shallow_clone).collect();
        let mut tracked = Vec::with_capacity(self.params.len());
        for &at in &self.params {
            let Some(param) = given.get_mut(at) else { continue };
            *param = grad::tracked(param)?;
            tracked.push(param.shallow_clone());
        }
        let made = {
            let _recording = grad::Recording::start()?;
            self.program.run(&given).map_err(failed)?
        };
        let [value] = made.as_slice() else { return Err(OpError::framework(OP, "the program has no value")) };
        let (value, grads) = grad::backward(value, &tracked)?;
        Ok([value].into_iter().chain(grads).collect())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as a failed call of the shim hands it over")]
fn failed(message: String) -> OpError {
    sorted_message(OP, &of_interpreter(&message))
}

/// The step `f` as a program for inputs like `example`; where it takes a gradient, as two, with autograd's backward between.
pub(crate) fn compile<'a, F>(backend: &'a Tch, f: F, example: &[Tensor]) -> OpResult<Compiled<'a, Tensor>>
where
    F: Fn(&Tch, &[Tensor]) -> OpResult<Vec<Tensor>> + 'a,
{
    unless_recording(OP, "a step is being traced already")?;
    let traces = Rc::new(Cell::new(0));
    // Tensors of their own, though one be given twice.
    let inputs = example.iter().map(Tensor::f_detach).collect::<Result<Vec<_>, _>>();
    let inputs = inputs.map_err(|error| sorted(OP, error))?;
    let end = TracingEnds(&backend.tracing);
    let recording = Recording::start(shares(&inputs)).map_err(failed)?;
    backend.tracing.replace(Some(Tracing { recording, inputs: shares(&inputs), gradient: None }));
    traces.set(traces.get() + 1);
    let outputs = f(backend, &inputs)?;
    let Some(Tracing { recording, gradient, .. }) = backend.tracing.take() else {
        return Err(OpError::framework(OP, "the trace ended before its step"));
    };
    drop(end);
    let earlier = gradient.as_ref().map(|gradient| &gradient.program);
    let mut program = recording.program(&outputs, earlier).map_err(failed)?;
    let run: CompiledStep<'a, Tensor> = match gradient {
        None => Box::new(move |inputs| program.run(inputs).map_err(failed)),
        Some(mut gradient) => Box::new(move |inputs| {
            let made = gradient.run(inputs)?;
            let given: Vec<Tensor> = inputs.iter().map(Tensor::shallow_clone).chain(made).collect();
            program.run(&given).map_err(failed)
        }),
    };
    Ok(Compiled::new(run, traces))
}

/// The value and gradient of `f` in a step that is being traced. The tracer records no backward pass: what it has so far ends
/// in the value, as a program of its own; autograd takes the gradient; and what follows becomes another program, of the step's
/// inputs, the value and the gradients.
pub(crate) fn value_and_grad<F>(backend: &Tch, f: F, params: &[Tensor]) -> OpResult<(Tensor, Vec<Tensor>)>
where
    F: Fn(&Tch, &[Tensor]) -> OpResult<Tensor>,
{
    const OP: &str = "value_and_grad";
    // Taken away meanwhile, so that a gradient within this one finds none.
    let Some(Tracing { recording, inputs, gradient: None }) = backend.tracing.take() else {
        return Err(OpError::unsupported(OP, "a compiled step may take one gradient"));
    };
    let place = |param: &Tensor| inputs.iter().position(|input| input.data_ptr() == param.data_ptr());
    let Some(places) = params.iter().map(place).collect::<Option<Vec<_>>>() else {
        return Err(OpError::unsupported(OP, "a compiled step may take a gradient by its inputs alone"));
    };
    let value = f(backend, params)?;
    grad::check_value(&value)?;
    let program = recording.program(&[value], None).map_err(failed)?;
    backend.log().composed(OP, "TorchScript programs before and after it, libtorch's autograd between");
    let mut gradient = Gradient { program, params: places };
    let made = gradient.run(&inputs)?;
    let recording =
        Recording::start(inputs.iter().chain(&made).map(Tensor::shallow_clone).collect()).map_err(failed)?;
    backend.tracing.replace(Some(Tracing { recording, inputs, gradient: Some(gradient) }));
    let mut made = made.into_iter();
    let value = made.next().ok_or_else(|| OpError::framework(OP, "the program has no value"))?;
    Ok((value, made.collect()))
}

fn shares(tensors: &[Tensor]) -> Vec<Tensor> {
    tensors.iter().map(Tensor::shallow_clone).collect()
}

/// Ends what is being traced when it goes, after an error or a panic too.
struct TracingEnds<'a>(&'a Place);

impl Drop for TracingEnds<'_> {
    fn drop(&mut self) {
        drop(self.0.take());
    }
}

/// libtorch's own error within one that the interpreter wraps in its account of where it was: the last line that names it.
fn of_interpreter(message: &str) -> String {
    let own = message.lines().rev().find_map(|line| line.strip_prefix("RuntimeError: "));
    own.unwrap_or(message).to_owned()
}
