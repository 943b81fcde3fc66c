//! What can go wrong inside a backend.

use std::borrow::Cow;

/// An op that could not be done. Each kind becomes an outcome of its own in the results.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OpError {
    /// The framework has no way to do this, or not on this device or dtype. Not a failure: a fact worth a row.
    #[error("{op} is unsupported: {why}")]
    Unsupported {
        /// The op's name in the trait.
        op: &'static str,
        /// The reason, for people.
        why: Cow<'static, str>,
    },
    /// The device or the host had no memory left.
    #[error("out of memory in {op}: {message}")]
    OutOfMemory {
        /// The op's name in the trait.
        op: &'static str,
        /// What the framework said.
        message: String,
    },
    /// Any other error of the framework, or a misuse of it by us.
    #[error("{op} failed: {message}")]
    Framework {
        /// The op's name in the trait.
        op: &'static str,
        /// What the framework said, with dtype and shapes where it tells.
        message: String,
    },
}

impl OpError {
    /// An [`OpError::Unsupported`].
    pub fn unsupported(op: &'static str, why: impl Into<Cow<'static, str>>) -> Self {
        OpError::Unsupported { op, why: why.into() }
    }

    /// Sorts a framework's message: out of memory if it says so, otherwise [`OpError::Framework`].
    #[expect(clippy::needless_pass_by_value, reason = "so that it serves map_err as it is")]
    pub fn framework(op: &'static str, message: impl ToString) -> Self {
        let message = message.to_string();
        let lower = message.to_lowercase();
        let starved = ["out of memory", "out_of_memory", "can't allocate memory", "unable to allocate", "outofmemory"]
            .iter()
            .any(|sign| lower.contains(sign));
        if starved { OpError::OutOfMemory { op, message } } else { OpError::Framework { op, message } }
    }
}

/// The result of an op.
pub type OpResult<T> = Result<T, OpError>;
