//! What stands in for the library on systems for which NVIDIA makes no driver.

use crate::energy::{Reading, Source};
use chipmark_results::machine::{Gpu, GpuState};

/// NVIDIA has no driver for this system.
#[must_use]
pub fn gpus() -> Vec<Gpu> {
    Vec::new()
}

/// NVIDIA has no driver for this system.
#[must_use]
pub fn states() -> Vec<GpuState> {
    Vec::new()
}

/// NVIDIA has no driver for this system.
pub(crate) fn energy() -> impl Source {
    NoCounters
}

struct NoCounters;

impl Source for NoCounters {
    fn read(&mut self) -> Vec<Reading> {
        Vec::new()
    }
}
