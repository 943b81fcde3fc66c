//! Steps compiled by `TorchScript`: traced once, then run by its executor. And what a trace cannot hold.
//!
//! A trace is the list of libtorch's ops that ran while the step did. Tensors that the step has from elsewhere than its
//! inputs become constants of the program; so do shapes, which is why it takes no others.

use crate::Tch;
use crate::error::sorted_message;
use crate::shim::jit::{self, Recording};
use chipmark_core::{Compiled, OpError, OpResult};
use std::cell::Cell;
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

/// Refuses what leaves libtorch's ops and comes back: a trace would keep what came back as a constant, and every run
/// would have the result of the first.
pub(crate) fn unless_recording(op: &'static str, why: &'static str) -> OpResult<()> {
    match jit::is_recording() {
        Ok(false) => Ok(()),
        Ok(true) => Err(OpError::unsupported(op, why)),
        Err(message) => Err(sorted_message(op, &message)),
    }
}

/// The step `f` as a program for inputs like `example`.
pub(crate) fn compile<'a, F>(backend: &'a Tch, f: F, example: &[Tensor]) -> OpResult<Compiled<'a, Tensor>>
where
    F: Fn(&Tch, &[Tensor]) -> OpResult<Vec<Tensor>> + 'a,
{
    let failed = |message: String| sorted_message(OP, &message);
    unless_recording(OP, "a step is being traced already")?;
    let traces = Rc::new(Cell::new(0));
    let recording = Recording::start(example).map_err(failed)?;
    traces.set(traces.get() + 1);
    let outputs = f(backend, recording.inputs())?;
    let mut program = recording.program(&outputs).map_err(failed)?;
    Ok(Compiled::new(
        Box::new(move |inputs| program.run(inputs).map_err(|message| failed(of_interpreter(&message)))),
        traces,
    ))
}

/// libtorch's own error within one that the interpreter wraps in its account of where it was: the last line that names it.
fn of_interpreter(message: &str) -> String {
    let own = message.lines().rev().find_map(|line| line.strip_prefix("RuntimeError: "));
    own.unwrap_or(message).to_owned()
}
