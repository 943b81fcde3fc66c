//! A step given to MLX's compiler, which traces it once for each set of its inputs' shapes and dtypes, and makes one kernel
//! of elementwise ops that follow each other.
//!
//! mlx-rs compiles only functions that borrow nothing, and hands them to MLX anew at each call; so this speaks to mlx-c
//! itself.

use crate::error;
use crate::vector::{self, Vector};
use chipmark_core::{Device, OpError, OpResult};
use mlx_rs::Array;
use std::any::Any;
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::Command;
use std::rc::Rc;

/// A function of arrays that MLX may call to see what it does.
pub(crate) type Function<'a> = Box<dyn Fn(&[Array]) -> OpResult<Vec<Array>> + 'a>;

/// What MLX calls, and what became of it.
struct Traced<'a> {
    function: Function<'a>,
    traces: Rc<Cell<u64>>,
    /// Why the last trace failed: MLX carries back only that it did.
    failure: Cell<Option<Failure>>,
}

enum Failure {
    Error(OpError),
    Panic(Box<dyn Any + Send>),
}

/// The compiled function, and MLX's notes about it.
pub(crate) struct Step<'a> {
    /// Holds a pointer to `traced`, so it stands before it and goes first.
    compiled: Closure,
    /// Shared with MLX, by that pointer.
    traced: Rc<Traced<'a>>,
}

impl<'a> Step<'a> {
    /// Registers `function` with MLX. It is traced when it is first run; each trace is counted in `traces`.
    pub(crate) fn new(function: Function<'a>, traces: Rc<Cell<u64>>) -> OpResult<Self> {
        let traced = Rc::new(Traced { function, traces, failure: Cell::new(None) });
        let payload = Rc::as_ptr(&traced).cast_mut().cast::<c_void>();
        // SAFETY: `trace` takes the payload for what it is, and the closure goes before `traced` does.
        let plain = Closure { raw: unsafe { mlx_sys::mlx_closure_new_func_payload(Some(trace), payload, None) } };
        // SAFETY: makes an empty handle, which the next call fills.
        let mut compiled = Closure { raw: unsafe { mlx_sys::mlx_closure_new() } };
        // SAFETY: both closures are valid; no constant is read of a list of none.
        let status = unsafe {
            mlx_sys::mlx_detail_compile(&raw mut compiled.raw, plain.raw, id(&traced), false, std::ptr::null(), 0)
        };
        let step = Step { compiled, traced };
        if status == 0 { Ok(step) } else { Err(error::from_status("compile", "mlx_detail_compile")) }
    }

    /// The outputs of the step for these inputs, not computed yet.
    pub(crate) fn run(&self, inputs: &[Array]) -> OpResult<Vec<Array>> {
        let inputs = Vector::of("compile", inputs)?;
        let mut outputs = Vector::empty();
        // SAFETY: all three are valid, and so is `traced`, which the closure may call.
        let status = unsafe { mlx_sys::mlx_closure_apply(outputs.as_mut_ptr(), self.compiled.raw, inputs.as_raw()) };
        match self.traced.failure.take() {
            Some(Failure::Error(error)) => Err(error),
            Some(Failure::Panic(panic)) => resume_unwind(panic),
            None if status != 0 => Err(error::from_status("compile", "mlx_closure_apply")),
            None => vector::arrays("compile", outputs.as_raw()),
        }
    }
}

/// MLX keeps what it compiled until it is told that the function is gone.
impl Drop for Step<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle is made, filled, used and freed once. Should a call fail, the notes stay, and nobody asks
        // for them again before the allocator gives the address to another step.
        unsafe {
            let mut cache = mlx_sys::mlx_compile_cache_new();
            if mlx_sys::mlx_detail_compile_cache(&raw mut cache) == 0 {
                mlx_sys::mlx_detail_compile_erase(cache, id(&self.traced));
            }
            mlx_sys::mlx_compile_cache_free(cache);
        }
    }
}

/// What MLX tells functions apart by: where they are, as it does itself.
fn id(traced: &Rc<Traced<'_>>) -> usize {
    Rc::as_ptr(traced).addr()
}

/// Called by MLX with tracers in the place of inputs. Neither an error nor a panic may pass through C++.
extern "C" fn trace(
    result: *mut mlx_sys::mlx_vector_array,
    inputs: mlx_sys::mlx_vector_array,
    payload: *mut c_void,
) -> c_int {
    // SAFETY: the payload is what `Step::new` made it, and is alive as long as a closure holds it.
    let traced = unsafe { &*payload.cast::<Traced<'_>>() };
    traced.traces.set(traced.traces.get() + 1);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let outputs = (traced.function)(&vector::arrays("compile", inputs)?)?;
        Vector::of("compile", &outputs)
    }));
    let failure = match outcome {
        Ok(Ok(outputs)) => {
            // SAFETY: MLX hands over a place for the outputs, and takes them as its own.
            unsafe { *result = outputs.into_raw() };
            return 0;
        }
        Ok(Err(error)) => Failure::Error(error),
        Err(panic) => Failure::Panic(panic),
    };
    traced.failure.set(Some(failure));
    1
}

/// An owned handle of mlx-c on a function.
struct Closure {
    raw: mlx_sys::mlx_closure,
}

impl Drop for Closure {
    fn drop(&mut self) {
        // SAFETY: `raw` is freed once. The call cannot fail on such a handle.
        unsafe { mlx_sys::mlx_closure_free(self.raw) };
    }
}

/// Why MLX has called a function again instead of compiling it.
pub(crate) fn why_not(device: Device) -> &'static str {
    if std::env::var_os("MLX_DISABLE_COMPILE").is_some() {
        "MLX does not compile while MLX_DISABLE_COMPILE is set"
    } else if device == Device::Cpu {
        "MLX compiles for the CPU by calling g++, which is not on PATH"
    } else {
        "MLX does not compile for this device"
    }
}

/// The C++ compiler that MLX calls, while a program runs, to make kernels for the CPU; `None` where there is none.
pub(crate) fn cpu_compiler() -> Option<String> {
    let output = Command::new("g++").arg("--version").output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().next().map(|line| line.trim().to_owned())
}
