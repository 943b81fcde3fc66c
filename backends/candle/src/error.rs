//! candle's errors, sorted into ours, and the one for shapes that candle would take although they do not fit.

use candle_core::{Error, Tensor};
use chipmark_core::{OpError, OpResult};

/// What candle's messages say when a kernel does not exist for a dtype or device. Its GPU backends have no error of
/// their own for it.
const UNSUPPORTED: [&str; 8] = [
    "not implemented",
    "not supported",
    "unsupported",
    "does not support",
    "doesn't support",
    "no metal implementation",
    "no cuda implementation",
    "missing kernel",
];

/// What Metal's messages say when a buffer could not be had.
const STARVED: &str = "failed to create metal resource: buffer";

/// Gives a candle result the name of the op that it belongs to.
pub(crate) trait Named<T> {
    /// The same result, its error sorted.
    fn named(self, op: &'static str) -> OpResult<T>;
}

impl<T> Named<T> for candle_core::Result<T> {
    fn named(self, op: &'static str) -> OpResult<T> {
        self.map_err(|error| sort(op, &error))
    }
}

/// What we refuse ourselves: the dtypes and shapes that were given, and what is wrong with them.
pub(crate) fn misfit(op: &'static str, given: &[&Tensor], why: &str) -> OpError {
    let given: Vec<String> = given.iter().map(|x| format!("{} {:?}", x.dtype().as_str(), x.dims())).collect();
    OpError::framework(op, format!("{}: {why}", given.join(", ")))
}

/// The error under candle's layers. A backtrace, which candle adds when `RUST_BACKTRACE` is set, is no part of a result.
fn innermost(error: &Error) -> &Error {
    match error {
        Error::WithBacktrace { inner, .. } | Error::Context { inner, .. } | Error::WithPath { inner, .. } => {
            innermost(inner)
        }
        _ => error,
    }
}

fn sort(op: &'static str, error: &Error) -> OpError {
    let error = innermost(error);
    let message = error.to_string();
    let lower = message.to_lowercase();
    let unsupported = match error {
        Error::UnsupportedDTypeForOp(..)
        | Error::BackwardNotSupported { .. }
        | Error::NotCompiledWithCudaSupport
        | Error::NotCompiledWithMetalSupport => true,
        Error::Msg(_) | Error::Metal(_) | Error::Cuda(_) | Error::Wrapped(_) => {
            UNSUPPORTED.iter().any(|sign| lower.contains(sign))
        }
        _ => false,
    };
    if unsupported {
        OpError::unsupported(op, message)
    } else if lower.contains(STARVED) {
        OpError::OutOfMemory { op, message }
    } else {
        OpError::framework(op, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::DType;

    #[test]
    fn errors_are_sorted_by_what_they_mean() {
        let sorted = |error| sort("matmul", &error);
        let unsupported = [
            Error::UnsupportedDTypeForOp(DType::BF16, "matmul").bt(),
            Error::BackwardNotSupported { op: "softmax" },
            Error::Msg("Metal conv2d F64 not implemented".into()).bt(),
            Error::Msg("the accelerate backend does not support f16 matmul".into()),
            Error::Msg("no metal implementation for softmax".into()),
            Error::NotCompiledWithMetalSupport.context("while opening"),
        ];
        for error in unsupported {
            assert!(matches!(sorted(error), OpError::Unsupported { op: "matmul", .. }));
        }
        let starved = [
            Error::Cuda("DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")".into()),
            Error::Msg("Failed to create metal resource: Buffer".into()),
        ];
        for error in starved {
            assert!(matches!(sorted(error), OpError::OutOfMemory { op: "matmul", .. }));
        }
        let ours = [Error::EmptyTensor { op: "reduce" }, Error::Msg("in_channel mismatch".into())];
        for error in ours {
            assert!(matches!(sorted(error), OpError::Framework { op: "matmul", .. }));
        }
    }
}
