//! The ops, one file a group. Each checks its shapes first, because ndarray panics on what does not fit.

mod conv;
mod elementwise;
mod index;
mod linalg;
mod loss;
mod norm;
mod reduce;

/// Adam is composed from elementwise ops, as the trait has it.
impl chipmark_core::ops::optim::Optim for crate::Reference {}
