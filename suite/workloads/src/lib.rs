//! Every workload, once, generic over the backend: its cases, their shapes and costs, their inputs, and the step that is
//! timed. One list in [`registry`] makes both the framework-free table and the way to run a case on a backend.

pub mod gcn;
pub mod parts;
pub mod registry;
pub mod suite;
pub mod tier;
pub mod workload;

mod activation;
mod along;
mod argmax;
mod bandwidth;
mod bce;
mod causal_attention;
mod concat;
mod conv1d;
mod conv2d;
mod gather;
mod host;
mod layer_norm;
mod layers;
mod linear;
mod matmul;
mod message_passing;
mod rows;
mod scatter;
mod sdpa;
mod size;
mod softmax;
mod sort;
mod sum;
mod transfer;

pub use registry::{CaseInfo, Visitor, WorkloadInfo, describe, visit, workloads};
pub use suite::{Suite, SuiteError, catalogue};
pub use workload::{CaseError, Workload};
