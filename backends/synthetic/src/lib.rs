//! A backend without arithmetic, whose latencies are known: the truth against which the harness and its statistics are
//! tested. Shapes and dtypes are checked and inferred as by any backend; every element is zero.
//!
//! It behaves like a GPU: an op only puts its latency on a device's queue and returns; [`Synthetic`]'s `finish` waits.
//! [`settings`] says how long, [`sampler`] draws each op's latency, [`queue`] keeps the device's time, and neither of these two
//! knows a clock.
//!
//! [`Synthetic`] is for whole programs: it takes the time that it says, by the machine's clock or, where a test must not depend on
//! what else the machine does, by a virtual one. [`VirtualDevice`] is for simulations: its launches are made of the same latencies
//! and sampled by the worker's own sampler, and nobody waits.

mod backend;
mod noise;
mod ops;
pub mod queue;
pub mod sampler;
pub mod settings;
mod tensor;
mod time;
mod virtual_device;
mod wait;

pub use backend::Synthetic;
pub use settings::{Distribution, Settings, SettingsError};
pub use tensor::Tensor;
pub use time::serve_synthetic;
pub use virtual_device::{VirtualClock, VirtualDevice};
