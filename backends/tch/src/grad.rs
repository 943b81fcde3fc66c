//! Automatic differentiation: recording is on while a function runs, and off otherwise.

use crate::Tch;
use crate::error::{sorted, sorted_message};
use crate::shim;
use chipmark_core::{OpError, OpResult};
use tch::Tensor;

const OP: &str = "value_and_grad";

/// Recording is on in this thread while this lives, and then as it was before, after an error or a panic too.
pub(crate) struct Recording {
    before: bool,
}

impl Recording {
    pub(crate) fn start() -> OpResult<Self> {
        let before = shim::set_grad_mode(true).map_err(|message| sorted_message(OP, &message))?;
        Ok(Recording { before })
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        // It fails only where there is no memory for a message, and there is nobody to tell here.
        let _ = shim::set_grad_mode(self.before);
    }
}

/// The value of `f` at `params`, one element, and its gradient by each of them: zeros where `f` does not depend on one.
pub(crate) fn value_and_grad<F>(backend: &Tch, f: F, params: &[Tensor]) -> OpResult<(Tensor, Vec<Tensor>)>
where
    F: Fn(&Tch, &[Tensor]) -> OpResult<Tensor>,
{
    let tracked = params.iter().map(tracked).collect::<OpResult<Vec<Tensor>>>()?;
    let value = {
        let _recording = Recording::start()?;
        f(backend, &tracked)?
    };
    backward(&value, &tracked)
}

/// A handle of its own on the same elements, so that the caller's tensor stays free of any tape.
pub(crate) fn tracked(param: &Tensor) -> OpResult<Tensor> {
    let tracked = param.f_detach().and_then(|param| param.f_set_requires_grad(true));
    tracked.map_err(|error| sorted(OP, error))
}

/// Refuses a value that has no gradient.
pub(crate) fn check_value(value: &Tensor) -> OpResult<()> {
    if value.numel() == 1 {
        return Ok(());
    }
    let message = format!("the function gives {} elements, and only one has a gradient", value.numel());
    Err(OpError::framework(OP, message))
}

/// A value without its tape, and its gradient by each of what it was recorded from.
pub(crate) fn backward(value: &Tensor, tracked: &[Tensor]) -> OpResult<(Tensor, Vec<Tensor>)> {
    let failed = |error| sorted(OP, error);
    check_value(value)?;
    // libtorch takes a value without a tape for a programming error, and may end the process over it.
    let found = if value.requires_grad() && !tracked.is_empty() {
        Tensor::f_run_backward(&[value], tracked, false, false).map_err(failed)?
    } else {
        Vec::new()
    };
    let mut grads = Vec::with_capacity(tracked.len());
    let mut found = found.into_iter();
    for param in tracked {
        grads.push(match found.next().filter(Tensor::defined) {
            Some(grad) => grad,
            None => param.f_detach().and_then(|param| param.f_zeros_like()).map_err(failed)?,
        });
    }
    // Without its tape, which would keep every intermediate tensor alive.
    Ok((value.f_detach().map_err(failed)?, grads))
}
