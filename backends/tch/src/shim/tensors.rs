//! Tensors on the host's own memory, and the ops that `tch` lacks, or has without their options.

use super::call;
use crate::transfer::dims_of;
use chipmark_core::{HostData, HostTensor};
use std::ffi::{c_char, c_int, c_void};
use std::ptr::null_mut;
use std::sync::Arc;
use tch::{TchError, Tensor};
use torch_sys::C_tensor;

// SAFETY: the signatures are those of shim/tensors.cpp, which build.rs compiles and links.
unsafe extern "C" {
    fn chipmark_tch_adopt(
        data: *mut c_void,
        size: *const i64,
        rank: usize,
        dtype: c_int,
        owner: *mut c_void,
        release: extern "C" fn(*mut c_void),
        made: *mut *mut C_tensor,
        text: *mut c_char,
        text_bytes: usize,
    ) -> c_int;
    fn chipmark_tch_clone(x: *const C_tensor, made: *mut *mut C_tensor, text: *mut c_char, text_bytes: usize) -> c_int;
    fn chipmark_tch_triad(
        a: *const C_tensor,
        b: *const C_tensor,
        factor: f64,
        made: *mut *mut C_tensor,
        text: *mut c_char,
        text_bytes: usize,
    ) -> c_int;
    fn chipmark_tch_leaky_relu(
        x: *const C_tensor,
        slope: f64,
        made: *mut *mut C_tensor,
        text: *mut c_char,
        text_bytes: usize,
    ) -> c_int;
}

/// Calls a function of the shim that makes a tensor.
fn made(function: impl FnOnce(*mut *mut C_tensor, *mut c_char, usize) -> c_int) -> Result<Tensor, TchError> {
    let mut tensor = null_mut();
    call(|text, bytes| function(&mut tensor, text, bytes)).map_err(TchError::Torch)?;
    // SAFETY: a function that succeeds has written a new tensor, which nobody else frees.
    Ok(unsafe { Tensor::from_ptr(tensor) })
}

/// Lets go of what [`adopt`] gave away.
extern "C" fn release(owner: *mut c_void) {
    // SAFETY: the pointer that `adopt` made of its share; the shim calls this once.
    drop(unsafe { Arc::from_raw(owner.cast_const().cast::<HostData>()) });
}

/// A tensor on the memory of `host`, which lives until no tensor is left on it. Nothing may write into it: host data never
/// changes.
pub(crate) fn adopt(host: &HostTensor) -> Result<Tensor, TchError> {
    let size = dims_of(host)?;
    let data = host.shared_data();
    // The numbers are those of shim/tensors.cpp.
    let (dtype, elements): (c_int, *const c_void) = match &*data {
        HostData::F32(values) => (0, values.as_ptr().cast()),
        HostData::F16(values) => (1, values.as_ptr().cast()),
        HostData::BF16(values) => (2, values.as_ptr().cast()),
        HostData::F64(values) => (3, values.as_ptr().cast()),
        HostData::I64(values) => (4, values.as_ptr().cast()),
    };
    let owner = Arc::into_raw(data).cast_mut().cast::<c_void>();
    // SAFETY: a host tensor holds as many elements as its shape says. They live as long as their owner, which the shim
    // releases once, when the last tensor on them is gone.
    made(|made, text, bytes| unsafe {
        let elements = elements.cast_mut();
        chipmark_tch_adopt(elements, size.as_ptr(), size.len(), dtype, owner, release, made, text, bytes)
    })
}

/// A copy in memory of its own.
pub(crate) fn clone(x: &Tensor) -> Result<Tensor, TchError> {
    // SAFETY: the shim only reads the tensor, which outlives the call.
    made(|made, text, bytes| unsafe { chipmark_tch_clone(x.as_ptr(), made, text, bytes) })
}

/// a + factor · b, of equal shapes.
pub(crate) fn triad(a: &Tensor, b: &Tensor, factor: f64) -> Result<Tensor, TchError> {
    // SAFETY: as in `clone`.
    made(|made, text, bytes| unsafe { chipmark_tch_triad(a.as_ptr(), b.as_ptr(), factor, made, text, bytes) })
}

/// x where x > 0, slope · x elsewhere.
pub(crate) fn leaky_relu(x: &Tensor, slope: f64) -> Result<Tensor, TchError> {
    // SAFETY: as in `clone`.
    made(|made, text, bytes| unsafe { chipmark_tch_leaky_relu(x.as_ptr(), slope, made, text, bytes) })
}
