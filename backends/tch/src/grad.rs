//! Automatic differentiation: recording is on while a function runs, and off otherwise.

use crate::Tch;
use crate::error::{sorted, sorted_message};
use crate::shim;
use chipmark_core::{OpError, OpResult};
use tch::Tensor;

const OP: &str = "value_and_grad";

/// Recording is on in this thread while this lives, and then as it was before, after an error or a panic too.
struct Recording {
    before: bool,
}

impl Recording {
    fn start() -> OpResult<Self> {
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
    let failed = |error| sorted(OP, error);
    // Handles of their own on the same elements, so that the caller's tensors stay free of any tape.
    let tracked = params.iter().map(|param| param.f_detach()?.f_set_requires_grad(true));
    let tracked = tracked.collect::<Result<Vec<Tensor>, _>>().map_err(failed)?;
    let value = {
        let _recording = Recording::start()?;
        f(backend, &tracked)?
    };
    if value.numel() != 1 {
        let message = format!("the function gives {} elements, and only one has a gradient", value.numel());
        return Err(OpError::framework(OP, message));
    }
    // libtorch takes a value without a tape for a programming error, and may end the process over it.
    let found = if value.requires_grad() && !tracked.is_empty() {
        Tensor::f_run_backward(&[&value], &tracked, false, false).map_err(failed)?
    } else {
        Vec::new()
    };
    let mut grads = Vec::with_capacity(params.len());
    let mut found = found.into_iter();
    for param in params {
        grads.push(match found.next().filter(Tensor::defined) {
            Some(grad) => grad,
            None => param.f_zeros_like().map_err(failed)?,
        });
    }
    // Without its tape, which would keep every intermediate tensor alive.
    Ok((value.f_detach().map_err(failed)?, grads))
}
