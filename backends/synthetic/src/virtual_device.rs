//! A device whose time passes only when it works: whole launches without waiting, for simulations. The worker's own
//! sampler runs over it.

use crate::Settings;
use crate::sampler::Sampler;
use chipmark_core::{Mode, OpResult, Samples, Sampling};
use chipmark_worker::protocol::Block;
use chipmark_worker::sampler::{Floor, sample};
use chipmark_worker::{Clock, Job};
use std::cell::Cell;
use std::rc::Rc;

/// The clock's step, and a wait that costs nothing.
const FLOOR: Floor = Floor { resolution_ns: 1, finish_spread_ns: 0 };

/// The time on a [`VirtualDevice`], or of a worker with `wait=virtual`, in whole nanoseconds since it began. Only the device moves it.
#[derive(Debug, Clone, Default)]
pub struct VirtualClock(Rc<Cell<u64>>);

impl VirtualClock {
    /// Moves it on, never back.
    pub(crate) fn move_to(&self, ns: u64) {
        self.0.set(self.0.get().max(ns));
    }
}

impl Clock for VirtualClock {
    fn now_ns(&self) -> u64 {
        self.0.get()
    }

    fn resolution_ns(&self) -> u64 {
        FLOOR.resolution_ns
    }
}

/// One launch of work whose call is a single op, in virtual time.
///
/// Latencies are drawn as in [`crate::Synthetic`], from the same [`Sampler`], but by [`Sampler::sum_ns`], which says
/// when a block's calls are drawn one by one and when as a sum. The host takes no time, so that submitting and waiting
/// are free and a call in `throughput` takes as long as one in `latency`. There are no operands: in `transfer`, copies
/// take no time. Of the settings, `epoch_s`, `gbps` and `wait` have no meaning here.
///
/// ```
/// use chipmark_core::{Mode, Sampling};
/// use chipmark_synthetic::{Settings, VirtualDevice};
///
/// let settings = Settings::parse("latency_us=1000,noise=0.01,launch_noise=0.02,drift=0.001")?;
/// let sampling = Sampling {
///     warm_up_s: 0.3,
///     max_warm_up_s: 5.0,
///     sample_s: 1.0,
///     precision: None,
///     min_samples: 15,
///     max_samples: 1000,
///     min_block_s: 0.01,
///     max_block_s: 0.5,
/// };
/// // Two launches of one run, the second of which begins when the first is done.
/// let mut first = VirtualDevice::new(settings.clone(), "matmul", 7, 0, 0.0);
/// let samples = first.sample(Mode::Latency, &sampling)?;
/// assert_eq!(samples.calls, 16);
/// let mut second = VirtualDevice::new(settings, "matmul", 7, 1, first.now_s());
/// assert_ne!(second.sample(Mode::Latency, &sampling)?, samples);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct VirtualDevice {
    sampler: Sampler,
    op: String,
    start_s: f64,
    /// Since the launch began, to fractions that the clock does not show.
    now_ns: f64,
    clock: VirtualClock,
}

impl VirtualDevice {
    /// A launch that begins `start_s` seconds after the epoch, which is where a run's drift is counted from. Each call
    /// is one `op`, by its name in the records, which is what `slow_op` is held against. The seed and the launch's number
    /// decide all that is drawn.
    #[must_use]
    pub fn new(settings: Settings, op: &str, seed: u64, launch: u32, start_s: f64) -> Self {
        VirtualDevice {
            sampler: Sampler::new(settings, seed, launch),
            op: op.to_owned(),
            start_s,
            now_ns: 0.0,
            clock: VirtualClock::default(),
        }
    }

    /// The clock that the worker's sampler is to be given with this job.
    #[must_use]
    pub fn clock(&self) -> VirtualClock {
        self.clock.clone()
    }

    /// The time on it in seconds since the epoch: where a launch that follows at once begins.
    #[must_use]
    pub fn now_s(&self) -> f64 {
        self.start_s + self.now_ns / 1e9
    }

    /// Samples it as a worker would: calibrated, warmed up, in blocks.
    ///
    /// # Errors
    /// None of its own: those that the worker's sampler may have.
    pub fn sample(&mut self, mode: Mode, sampling: &Sampling) -> OpResult<Samples> {
        let clock = self.clock();
        sample(self, mode, sampling, FLOOR, &clock, |_| ())
    }

    /// Makes so many calls, and tells how long they took by the clock.
    fn spend_ns(&mut self, calls: u64) -> u64 {
        // A call takes a nanosecond at the least: on a clock that stands still, no sampler would ever end.
        #[expect(clippy::cast_precision_loss, reason = "a launch makes far fewer than 2^53 calls")]
        let least_ns = calls as f64;
        self.now_ns += self.sampler.sum_ns(&self.op, self.now_s(), calls).max(least_ns);
        let before_ns = self.clock.now_ns();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and 584 years fit")]
        self.clock.move_to(self.now_ns as u64);
        self.clock.now_ns() - before_ns
    }
}

impl Job for VirtualDevice {
    fn latency(&mut self, calls: u64) -> OpResult<Block> {
        Ok(Block { block_ns: self.spend_ns(calls), ..Block::default() })
    }

    fn throughput(&mut self, calls: u64) -> OpResult<Block> {
        let block_ns = self.spend_ns(calls);
        let block4_ns = self.spend_ns(calls.saturating_mul(4));
        Ok(Block { block_ns, block4_ns: Some(block4_ns), submit4_ns: Some(0), ..Block::default() })
    }

    fn transfer(&mut self, calls: u64) -> OpResult<Block> {
        let block_ns = self.spend_ns(calls);
        let step_ns = self.spend_ns(calls);
        let free = Some(0);
        Ok(Block { block_ns, upload_ns: free, step_ns: Some(step_ns), download_ns: free, ..Block::default() })
    }

    fn held_bytes_per_call(&self) -> u64 {
        1
    }
}

#[cfg(test)]
mod tests;
