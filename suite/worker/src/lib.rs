//! All that a worker program needs: a framework's `main` is one call of [`serve`]. The protocol's messages and the reading
//! of bounded lines are here for `bench` too.

pub mod direct;
pub mod line;
pub mod protocol;
pub mod sampler;

mod check;
mod clock;
mod inputs;
mod job;
mod precision;
mod process_memory;
mod serve;
mod stdio;
mod warm_up;

pub use clock::{Clock, Monotonic};
pub use inputs::Cold;
pub use job::{Job, Prepared};
pub use serve::{serve, serve_by};
