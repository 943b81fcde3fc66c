//! libtorch's messages, sorted and shortened.

use chipmark_core::OpError;
use std::borrow::Cow;
use tch::TchError;

/// What libtorch says where it has no kernel for a dtype or device. Narrow on purpose: a message taken for one of these by
/// mistake would turn a fault into a fact.
const UNSUPPORTED: &[&str] = &[
    "not implemented for '",
    "not currently implemented for the",
    "is not currently supported on the MPS backend",
    "the MPS framework doesn't support",
    "Could not run 'aten::",
];

/// What an error of `tch` is to us.
pub(crate) fn sorted(op: &'static str, error: TchError) -> OpError {
    match error {
        TchError::Torch(message) => sorted_message(op, &message),
        other => OpError::framework(op, other),
    }
}

/// What a message of libtorch is to us.
pub(crate) fn sorted_message(op: &'static str, message: &str) -> OpError {
    let line = first_line(message);
    if UNSUPPORTED.iter().any(|sign| line.contains(sign)) {
        return OpError::unsupported(op, line.into_owned());
    }
    if line.contains("bad_alloc") {
        return OpError::OutOfMemory { op, message: line.into_owned() };
    }
    OpError::framework(op, line)
}

/// The line that says what happened; the rest is where in C++ it did.
fn first_line(message: &str) -> Cow<'static, str> {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty());
    line.map_or(Cow::Borrowed("libtorch gives no reason"), |line| Cow::Owned(line.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipmark_core::Outcome;

    #[test]
    fn a_missing_kernel_is_unsupported_and_the_backtrace_is_cut_off() {
        let error =
            sorted_message("sqrt", "\"sqrt_cpu\" not implemented for 'Half'\nException raised from f at a.cpp:1");
        assert_eq!(error, OpError::unsupported("sqrt", "\"sqrt_cpu\" not implemented for 'Half'"));
    }

    #[test]
    fn every_device_s_way_of_running_out_of_memory_is_known() {
        for message in [
            "[enforce fail at alloc_cpu.cpp:121] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes.",
            "CUDA out of memory. Tried to allocate 20.00 GiB.",
            "MPS backend out of memory (MPS allocated: 1 GB)",
            "std::bad_alloc",
        ] {
            assert_eq!(Outcome::from(&sorted_message("add", message)), Outcome::OutOfMemory, "{message}");
        }
    }

    #[test]
    fn everything_else_is_a_failure() {
        let message = "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1";
        assert_eq!(sorted_message("add", message), OpError::framework("add", message));
        assert_eq!(sorted_message("add", "\n"), OpError::framework("add", "libtorch gives no reason"));
    }
}
