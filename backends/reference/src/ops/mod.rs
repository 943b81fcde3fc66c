//! The ops, one file a group. Each checks its shapes first, because ndarray panics on what does not fit.

mod arrange;
mod attention;
mod conv;
mod elementwise;
mod index;
mod linalg;
mod loss;
mod norm;
mod reduce;
mod sort;

use crate::tape::Backward;
use chipmark_core::OpError;

/// Adam is composed from elementwise ops, as the trait has it.
impl chipmark_core::ops::optim::Optim for crate::Reference {}

/// The way back through an op that has none here: an error, because a gradient of zeros would be taken for a right one.
fn no_gradient(op: &'static str) -> Backward {
    Box::new(move |_| Err(OpError::unsupported(op, "the reference has no gradient of it")))
}
