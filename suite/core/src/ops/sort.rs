//! Ordering.

use super::unsupported;
use crate::{Backend, OpResult};

/// Ordering along an axis.
#[expect(clippy::missing_errors_doc, reason = "every op: OpError, by default Unsupported")]
pub trait Sort: Backend {
    /// The elements in ascending order along `axis`.
    fn sort(&self, x: &Self::Tensor, axis: usize) -> OpResult<Self::Tensor> {
        unsupported!("sort", x, axis)
    }
}
