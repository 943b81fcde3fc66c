//! `TorchScript`: recording a step while it runs, and the program made of it.

use super::{Message, account, call};
use std::ffi::{c_char, c_int, c_void};
use std::ptr::{NonNull, null, null_mut};
use tch::Tensor;
use torch_sys::C_tensor;

// SAFETY: the signatures are those of shim/jit.cpp, which build.rs compiles and links.
unsafe extern "C" {
    fn chipmark_tch_set_jit(text: *mut c_char, text_bytes: usize) -> c_int;
    fn chipmark_tch_jit(text: *mut c_char, text_bytes: usize) -> c_int;
    fn chipmark_tch_is_recording(recording: *mut c_int, text: *mut c_char, text_bytes: usize) -> c_int;
    fn chipmark_tch_record(inputs: *const *const C_tensor, count: usize, text: *mut c_char, text_bytes: usize)
    -> c_int;
    fn chipmark_tch_abandon(text: *mut c_char, text_bytes: usize) -> c_int;
    fn chipmark_tch_program(
        earlier: *const c_void,
        inputs: *const *const C_tensor,
        inputs_count: usize,
        outputs: *const *const C_tensor,
        outputs_count: usize,
        program: *mut *mut c_void,
        text: *mut c_char,
        text_bytes: usize,
    ) -> c_int;
    fn chipmark_tch_free_program(program: *mut c_void, text: *mut c_char, text_bytes: usize) -> c_int;
    fn chipmark_tch_run(
        program: *mut c_void,
        inputs: *const *const C_tensor,
        count: usize,
        outputs: *mut *mut C_tensor,
        text: *mut c_char,
        text_bytes: usize,
    ) -> c_int;
}

fn pointers(tensors: &[Tensor]) -> Vec<*const C_tensor> {
    tensors.iter().map(Tensor::as_ptr).collect()
}

/// Takes over the tensors that the shim wrote.
fn taken(made: Vec<*mut C_tensor>) -> Vec<Tensor> {
    // SAFETY: called where the shim has succeeded, and so has written new tensors, which nobody else frees.
    made.into_iter().map(|tensor| unsafe { Tensor::from_ptr(tensor) }).collect()
}

/// Sets the executor of programs to PyTorch's own defaults, for the process, and the optimiser for this thread.
pub(crate) fn set_executor() -> Result<(), Message> {
    // SAFETY: the shim writes within `text` and keeps no pointer.
    call(|text, bytes| unsafe { chipmark_tch_set_jit(text, bytes) })
}

/// How programs are executed, a line `name=value` each.
pub(crate) fn executor() -> Result<String, Message> {
    // SAFETY: as in `set_executor`.
    account(|text, bytes| unsafe { chipmark_tch_jit(text, bytes) })
}

/// Whether this thread records what it calls.
pub(crate) fn is_recording() -> Result<bool, Message> {
    let mut recording = 0;
    // SAFETY: as in `set_executor`; the number outlives the call.
    call(|text, bytes| unsafe { chipmark_tch_is_recording(&mut recording, text, bytes) })?;
    Ok(recording != 0)
}

/// This thread records what it calls while this lives, and no longer, after an error or a panic too.
pub(crate) struct Recording {
    inputs: Vec<Tensor>,
}

impl Recording {
    /// Starts with these tensors as the program's arguments. libtorch tells them apart by their identity, so no two may be one.
    pub(crate) fn start(inputs: Vec<Tensor>) -> Result<Self, Message> {
        let given = pointers(&inputs);
        // SAFETY: the shim only reads the tensors, which outlive the call.
        call(|text, bytes| unsafe { chipmark_tch_record(given.as_ptr(), given.len(), text, bytes) })?;
        Ok(Recording { inputs })
    }

    /// The program that leads from the inputs to `outputs`. `earlier` is that of the same step's part before this one.
    pub(crate) fn program(self, outputs: &[Tensor], earlier: Option<&Program>) -> Result<Program, Message> {
        let (inputs, given) = (pointers(&self.inputs), pointers(outputs));
        let earlier = earlier.map_or(null(), |program| program.pointer.as_ptr().cast_const());
        let mut program = null_mut();
        // SAFETY: the shim only reads the tensors and the earlier program, which outlive the call.
        call(|text, bytes| unsafe {
            let (inputs, inputs_count, given, given_count) =
                (inputs.as_ptr(), inputs.len(), given.as_ptr(), given.len());
            chipmark_tch_program(earlier, inputs, inputs_count, given, given_count, &mut program, text, bytes)
        })?;
        let pointer = NonNull::new(program).ok_or("libtorch made no program")?;
        Ok(Program { pointer, outputs: outputs.len() })
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        // It fails only where there is no memory for a message, and there is nobody to tell here.
        // SAFETY: as in `set_executor`.
        let _ = call(|text, bytes| unsafe { chipmark_tch_abandon(text, bytes) });
    }
}

/// A recorded step.
pub(crate) struct Program {
    pointer: NonNull<c_void>,
    outputs: usize,
}

impl Program {
    /// Runs it on inputs of the shapes, kinds and device that it was recorded with.
    pub(crate) fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, Message> {
        let inputs = pointers(inputs);
        let mut outputs = vec![null_mut(); self.outputs];
        // SAFETY: the program is alive; the shim only reads the inputs, and writes as many outputs as it was recorded with.
        call(|text, bytes| unsafe {
            let program = self.pointer.as_ptr();
            chipmark_tch_run(program, inputs.as_ptr(), inputs.len(), outputs.as_mut_ptr(), text, bytes)
        })?;
        Ok(taken(outputs))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // SAFETY: made by the shim, and freed here alone.
        let _ = call(|text, bytes| unsafe { chipmark_tch_free_program(self.pointer.as_ptr(), text, bytes) });
    }
}
