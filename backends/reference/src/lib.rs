//! Plain f64 over ndarray: slow, obvious, right. What every other backend is checked against.
//!
//! [`Reference`] computes, and [`conformance`] holds the checks that
//! every backend's tests call.

mod backend;
pub mod conformance;
mod ops;
mod tape;
mod tensor;

pub use backend::Reference;
pub use tensor::Tensor;
