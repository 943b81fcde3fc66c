//! The clock that samples are taken with.

use std::time::Instant;

/// A monotonic clock in nanoseconds. The sampler is tested with one that it controls.
pub trait Clock {
    /// Nanoseconds since some fixed moment.
    fn now_ns(&self) -> u64;

    /// The smallest step seen between two readings, in ns.
    fn resolution_ns(&self) -> u64 {
        // Enough readings to see the counter move, few enough to take well under a millisecond.
        let mut smallest = u64::MAX;
        let mut last = self.now_ns();
        for _ in 0..10_000 {
            let now = self.now_ns();
            if now > last {
                smallest = smallest.min(now - last);
            }
            last = now;
        }
        if smallest == u64::MAX { 1 } else { smallest }
    }
}

/// The host's monotonic clock: the only one that is common to all backends.
#[derive(Debug, Clone, Copy)]
pub struct Monotonic {
    start: Instant,
}

impl Monotonic {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Self {
        Monotonic { start: Instant::now() }
    }
}

impl Clock for Monotonic {
    #[inline]
    fn now_ns(&self) -> u64 {
        // 584 years fit.
        #[expect(clippy::cast_possible_truncation, reason = "584 years fit")]
        let now = self.start.elapsed().as_nanos() as u64;
        now
    }
}
