//! Every workload, once, generic over the backend: its cases, their shapes and costs, their inputs, and the step that is
//! timed. One list in [`registry`] makes both the framework-free table and the way to run a case on a backend.

pub mod registry;
pub mod suite;
pub mod tier;
pub mod workload;

mod conv2d;
mod gcn;
mod linear;
mod matmul;
mod softmax;
mod transfer;

pub use registry::{CaseInfo, Visitor, WorkloadInfo, describe, visit, workloads};
pub use suite::{Suite, SuiteError};
pub use workload::{CaseError, Workload};
