//! PyTorch behind the `Backend` trait: libtorch, through the crate `tch`, on the CPU, Metal Performance Shaders and CUDA.
//!
//! [`Tch`] is all that others need. Ops are in `ops`, one file a group; what libtorch tells and `tch` does not pass on
//! comes through a few C++ functions of our own (`shim`).

mod backend;
mod compile;
mod cuda;
mod devices;
mod error;
mod grad;
mod info;
mod ops;
mod precision;
mod shim;
mod transfer;

pub use backend::Tch;
pub use shim::grad_mode;
