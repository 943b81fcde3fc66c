//! The C++ functions of `shim/*.cpp`, made safe: the only folder that declares foreign functions. Here are those of
//! `shim.cpp`, which ask and set libtorch's state.
//!
//! Each returns libtorch's own message where it refuses. No C++ exception comes this far.

pub(crate) mod jit;
pub(crate) mod tensors;

use std::ffi::{CStr, c_char, c_int};
use std::mem::MaybeUninit;

/// Enough for any of libtorch's messages, and all that a call in the timed region sets aside.
const MESSAGE_BYTES: usize = 2048;

/// Enough for libtorch's account of its build, which is under 4 KiB.
const ACCOUNT_BYTES: usize = 32 * 1024;

/// What [`memory`] reports where libtorch keeps no count.
const UNKNOWN: u64 = u64::MAX;

// SAFETY: the signatures are those of shim/shim.cpp, which build.rs compiles and links.
unsafe extern "C" {
    fn chipmark_tch_synchronize(kind: c_int, index: c_int, text: *mut c_char, text_bytes: usize) -> c_int;
    fn chipmark_tch_memory(
        kind: c_int,
        index: c_int,
        now_bytes: *mut u64,
        peak_bytes: *mut u64,
        text: *mut c_char,
        text_bytes: usize,
    ) -> c_int;
    fn chipmark_tch_reset_peak(kind: c_int, index: c_int, text: *mut c_char, text_bytes: usize) -> c_int;
    fn chipmark_tch_device_count(kind: c_int, count: *mut c_int, text: *mut c_char, text_bytes: usize) -> c_int;
    fn chipmark_tch_seed(seed: u64, text: *mut c_char, text_bytes: usize) -> c_int;
    fn chipmark_tch_set_threads(threads: c_int, text: *mut c_char, text_bytes: usize) -> c_int;
    fn chipmark_tch_threads(within: *mut c_int, between: *mut c_int, text: *mut c_char, text_bytes: usize) -> c_int;
    fn chipmark_tch_set_grad_mode(enabled: c_int, previous: *mut c_int, text: *mut c_char, text_bytes: usize) -> c_int;
    fn chipmark_tch_grad_mode(enabled: *mut c_int, text: *mut c_char, text_bytes: usize) -> c_int;
    fn chipmark_tch_set_precision(tf32: c_int, text: *mut c_char, text_bytes: usize) -> c_int;
    fn chipmark_tch_precision(text: *mut c_char, text_bytes: usize) -> c_int;
    fn chipmark_tch_describe(what: c_int, text: *mut c_char, text_bytes: usize) -> c_int;
}

/// libtorch's own message.
pub(crate) type Message = String;

/// A kind of device, as the shim numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Cpu = 0,
    Cuda = 1,
    Mps = 2,
}

/// What [`describe`] can be asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum About {
    /// How libtorch was built: compilers, libraries, settings; several lines.
    Config = 0,
    /// MKL's version; empty without MKL.
    Mkl = 1,
    /// oneDNN's version; empty without oneDNN.
    OneDnn = 2,
    /// OpenMP's version; empty without OpenMP.
    OpenMp = 3,
    /// The instruction set that libtorch's own kernels use on this processor.
    CpuCapability = 4,
    /// The version of the headers that the shim was compiled with.
    HeaderVersion = 5,
    /// Which libraries run its threads, and how many; several lines.
    Threads = 6,
}

/// What the shim wrote: its answer where it returned 0, otherwise the reason.
fn outcome(code: c_int, text: *const c_char) -> Result<String, Message> {
    // SAFETY: every function of the shim ends what it writes to `text` by a NUL within the buffer.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
    if code == 0 { Ok(text) } else { Err(text) }
}

/// Calls a function of the shim that has nothing to say but a message.
fn call(function: impl FnOnce(*mut c_char, usize) -> c_int) -> Result<(), Message> {
    let mut text = MaybeUninit::<[c_char; MESSAGE_BYTES]>::uninit();
    let text = text.as_mut_ptr().cast::<c_char>();
    let code = function(text, MESSAGE_BYTES);
    if code == 0 { Ok(()) } else { outcome(code, text).map(|_| ()) }
}

/// Calls a function of the shim that writes an account.
fn account(function: impl FnOnce(*mut c_char, usize) -> c_int) -> Result<String, Message> {
    let mut text: Vec<c_char> = vec![0; ACCOUNT_BYTES];
    let code = function(text.as_mut_ptr(), text.len());
    outcome(code, text.as_ptr())
}

/// Waits until the device has done all that was submitted to it. A CPU has: its ops return when they are done.
pub(crate) fn synchronize(kind: Kind, index: c_int) -> Result<(), Message> {
    // SAFETY: the shim writes within `text` and keeps no pointer.
    call(|text, bytes| unsafe { chipmark_tch_synchronize(kind as c_int, index, text, bytes) })
}

/// Bytes that live tensors hold on the device, now and at most since the process started or the
/// last [`reset_peak`], where libtorch counts them.
pub(crate) fn memory(kind: Kind, index: c_int) -> Result<(Option<u64>, Option<u64>), Message> {
    let (mut now, mut peak) = (UNKNOWN, UNKNOWN);
    // SAFETY: as in `synchronize`; the two numbers outlive the call.
    call(|text, bytes| unsafe { chipmark_tch_memory(kind as c_int, index, &mut now, &mut peak, text, bytes) })?;
    let known = |bytes| (bytes != UNKNOWN).then_some(bytes);
    Ok((known(now), known(peak)))
}

/// Starts the peak of [`memory`] anew, where libtorch keeps one.
pub(crate) fn reset_peak(kind: Kind, index: c_int) -> Result<(), Message> {
    // SAFETY: as in `synchronize`.
    call(|text, bytes| unsafe { chipmark_tch_reset_peak(kind as c_int, index, text, bytes) })
}

/// How many devices of a kind can be used.
pub(crate) fn device_count(kind: Kind) -> Result<usize, Message> {
    let mut count = 0;
    // SAFETY: as in `synchronize`; the number outlives the call.
    call(|text, bytes| unsafe { chipmark_tch_device_count(kind as c_int, &mut count, text, bytes) })?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Seeds libtorch's own random generators.
pub(crate) fn seed(seed: u64) -> Result<(), Message> {
    // SAFETY: as in `synchronize`.
    call(|text, bytes| unsafe { chipmark_tch_seed(seed, text, bytes) })
}

/// Sets how many threads one op may use on the CPU, for the whole process.
pub(crate) fn set_threads(threads: usize) -> Result<(), Message> {
    let threads = c_int::try_from(threads).map_err(|_| format!("{threads} threads are too many"))?;
    // SAFETY: as in `synchronize`.
    call(|text, bytes| unsafe { chipmark_tch_set_threads(threads, text, bytes) })
}

/// Threads in force: within one op, and for ops side by side.
pub(crate) fn threads() -> Result<(usize, usize), Message> {
    let (mut within, mut between) = (0, 0);
    // SAFETY: as in `synchronize`; the two numbers outlive the call.
    call(|text, bytes| unsafe { chipmark_tch_threads(&mut within, &mut between, text, bytes) })?;
    Ok((usize::try_from(within).unwrap_or(0), usize::try_from(between).unwrap_or(0)))
}

/// Sets whether this thread records operations for automatic differentiation; gives what it did before.
pub(crate) fn set_grad_mode(enabled: bool) -> Result<bool, Message> {
    let mut previous = 0;
    // SAFETY: as in `synchronize`; the number outlives the call.
    call(|text, bytes| unsafe { chipmark_tch_set_grad_mode(c_int::from(enabled), &mut previous, text, bytes) })?;
    Ok(previous != 0)
}

/// Whether this thread records operations for automatic differentiation, which would tax every op. [`crate::Tch`] turns
/// it off when it opens, and on only inside `value_and_grad`.
///
/// # Errors
/// libtorch's own message.
pub fn grad_mode() -> Result<bool, String> {
    let mut enabled = 0;
    // SAFETY: as in `synchronize`; the number outlives the call.
    call(|text, bytes| unsafe { chipmark_tch_grad_mode(&mut enabled, text, bytes) })?;
    Ok(enabled != 0)
}

/// Has f32 work done in f32, or with `tf32` from factors rounded to TF32 wherever libtorch has a way, and sums of
/// half-precision products kept in f32, on every device.
pub(crate) fn set_precision(tf32: bool) -> Result<(), Message> {
    // SAFETY: as in `synchronize`.
    call(|text, bytes| unsafe { chipmark_tch_set_precision(c_int::from(tf32), text, bytes) })
}

/// The precision policy as libtorch states it, a line `name=value` each.
pub(crate) fn precision() -> Result<String, Message> {
    // SAFETY: as in `synchronize`.
    account(|text, bytes| unsafe { chipmark_tch_precision(text, bytes) })
}

/// What libtorch tells of itself.
pub(crate) fn describe(about: About) -> Result<String, Message> {
    // SAFETY: as in `synchronize`.
    account(|text, bytes| unsafe { chipmark_tch_describe(about as c_int, text, bytes) })
}
