//! What every other crate shares: dtypes, devices, host tensors, the [`Backend`] trait and its groups of ops, costs,
//! the words for cells and outcomes, and the numeric check. No framework and no clock lives here.

pub mod backend;
pub mod cell;
pub mod check;
pub mod cost;
pub mod dtype;
pub mod error;
pub mod fill;
pub mod host;
pub mod json_f64;
pub mod median_interval;
pub mod memory_use;
pub mod op_log;
pub mod op_shapes;
pub mod ops;
pub mod sampling;
pub mod shape;
pub mod target;
#[cfg(feature = "schema")]
mod text_schema;
pub mod worker_env;

pub use backend::{
    Backend, BackendInfo, Compiled, CompiledStep, DeviceStatus, FullBackend, Memory, OpenOptions, Outputs,
};
pub use cell::{CaseId, Cell, Mode, Outcome, Tier};
pub use check::{Digest, Tolerance, compare};
pub use cost::Cost;
pub use dtype::DType;
pub use error::{OpError, OpResult};
pub use fill::Fill;
pub use host::{HostData, HostTensor};
pub use memory_use::MemoryUse;
pub use op_log::{OpLog, OpPath};
pub use ops::attention::Mask;
pub use ops::conv::ConvLayout;
pub use sampling::{Flag, Inputs, Samples, Sampling};
pub use shape::Shape;
pub use target::{Device, Execution, Target};
