//! The sampler: how many calls make a block, when it is warm, when there are enough blocks. Knows neither frameworks nor
//! workloads; what is timed is a [`Job`].

use crate::precision::Precision;
use crate::protocol::Block;
use crate::warm_up::{WarmUp, median};
use crate::{Clock, Job};
use chipmark_core::{Flag, Mode, OpResult, Samples, Sampling};

/// A block lasts at least so many times the clock's smallest step.
const RESOLUTIONS: u64 = 1000;
/// And so many times the spread of a wait with nothing to wait for.
const FINISH_SPREADS: u64 = 100;
/// The most bytes that the outputs of calls in flight may hold.
const HELD_BYTES: u64 = 512 << 20;
/// Sampling goes on for at most so many times its length when samples are slow to come.
const OVERTIME: f64 = 10.0;
/// The fewest samples, whatever the time.
const FEWEST: usize = 3;

/// What the device's clock and wait cost, measured when it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Floor {
    /// The clock's smallest step in ns.
    pub resolution_ns: u64,
    /// The spread (95th less 5th percentile) of a wait with nothing to wait for, in ns.
    pub finish_spread_ns: u64,
}

impl Floor {
    /// From the clock's step and the waits measured.
    #[must_use]
    pub fn new(resolution_ns: u64, bare_finish_ns: &[u64]) -> Self {
        let mut sorted = bare_finish_ns.to_vec();
        sorted.sort_unstable();
        let at = |percent: usize| sorted.get(sorted.len() * percent / 100).copied().unwrap_or(0);
        Floor { resolution_ns, finish_spread_ns: at(95) - at(5) }
    }
}

/// Samples a job in a mode. Each block is handed to `emit` as soon as it is measured, with the clock stopped.
///
/// # Errors
/// Whatever the job reports.
pub fn sample(
    job: &mut impl Job,
    mode: Mode,
    sampling: &Sampling,
    floor: Floor,
    clock: &impl Clock,
    mut emit: impl FnMut(&Block),
) -> OpResult<Samples> {
    let mut samples = Samples { calls: 1, ..Samples::default() };
    if mode == Mode::FirstCall {
        let block = job.latency(1)?;
        emit(&block);
        block.append_to(&mut samples);
        return Ok(samples);
    }

    let start = clock.now_ns();
    let elapsed_s = |since: u64| seconds(clock.now_ns() - since);

    let (calls, mut warm_up_calls) = calibrate(job, mode, sampling, floor)?;
    let mut warm_up = WarmUp::new(sampling);
    let mut window_start = clock.now_ns();
    while !(warm_up.settled() && elapsed_s(start) >= sampling.warm_up_s) && elapsed_s(start) < sampling.max_warm_up_s {
        let block_ns = run(job, mode, calls)?.block_ns;
        warm_up_calls += calls_in(mode, calls);
        if warm_up.push(block_ns, elapsed_s(window_start)) {
            window_start = clock.now_ns();
        }
    }
    samples.warm_up_ns = clock.now_ns() - start;
    samples.warm_up_calls = warm_up_calls;
    samples.calls = calls;
    if !warm_up.settled() {
        samples.flags.push(Flag::NeverWarm);
    }

    let mut precision = Precision::default();
    let start = clock.now_ns();
    loop {
        let block = run(job, mode, calls)?;
        emit(&block);
        block.append_to(&mut samples);
        let taken = samples.block_ns.len();
        let spent_s = elapsed_s(start);
        precision.push(block.calls_ns());
        let precise = sampling.precision.is_some_and(|wanted| precision.half_width().is_some_and(|it| it <= wanted));
        let enough = taken >= sampling.min_samples as usize && (precise || spent_s >= sampling.sample_s);
        let overtime = taken >= FEWEST && spent_s >= OVERTIME * sampling.sample_s;
        if enough || overtime || taken >= sampling.max_samples as usize {
            break;
        }
    }
    if samples.block_ns.len() < sampling.min_samples as usize {
        samples.flags.push(Flag::FewSamples);
    }
    if dispatch_bound(&samples) {
        samples.flags.push(Flag::DispatchBound);
    }
    Ok(samples)
}

fn run(job: &mut impl Job, mode: Mode, calls: u64) -> OpResult<Block> {
    match mode {
        Mode::Latency | Mode::FirstCall => job.latency(calls),
        Mode::Throughput => job.throughput(calls),
        Mode::Transfer => job.transfer(calls),
    }
}

/// Doubles the calls in a block until it is long enough: (calls in a block, calls spent on finding out).
fn calibrate(job: &mut impl Job, mode: Mode, sampling: &Sampling, floor: Floor) -> OpResult<(u64, u64)> {
    let floor_ns = (floor.resolution_ns * RESOLUTIONS).max(floor.finish_spread_ns * FINISH_SPREADS);
    let wanted_s = sampling.min_block_s.max(seconds(floor_ns)).min(sampling.max_block_s);
    // Only throughput has several calls' outputs alive at a time, 4k of them.
    let most_calls =
        if mode == Mode::Throughput { HELD_BYTES / job.held_bytes_per_call().saturating_mul(4) } else { u64::MAX };
    let (mut calls, mut spent) = (1, 0);
    loop {
        let mut block_s = seconds(run(job, mode, calls)?.block_ns);
        spent += calls_in(mode, calls);
        if block_s >= wanted_s && block_s <= sampling.max_block_s {
            // The first calls of all, or one interruption, can make a short block look long.
            block_s = block_s.min(seconds(run(job, mode, calls)?.block_ns));
            spent += calls_in(mode, calls);
        }
        if block_s >= wanted_s || 2.0 * block_s > sampling.max_block_s || calls.saturating_mul(2) > most_calls {
            return Ok((calls, spent));
        }
        calls *= 2;
    }
}

/// The calls that are made for a block of so many.
#[must_use]
pub fn calls_in(mode: Mode, calls: u64) -> u64 {
    match mode {
        Mode::Latency | Mode::FirstCall => calls,
        Mode::Throughput => 5 * calls,
        Mode::Transfer => 2 * calls,
    }
}

fn seconds(ns: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
    let s = ns as f64 * 1e-9;
    s
}

/// Whether submitting took nine tenths of the time or more, by the medians.
fn dispatch_bound(samples: &Samples) -> bool {
    let submit = median(&mut samples.submit4_ns.clone());
    let whole = median(&mut samples.block4_ns.clone());
    whole > 0 && seconds(submit) >= 0.9 * seconds(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipmark_core::Fill;
    use std::cell::Cell;
    use std::rc::Rc;

    /// A clock that only the fake job moves.
    #[derive(Clone, Default)]
    struct Fake(Rc<Cell<u64>>);

    impl Clock for Fake {
        fn now_ns(&self) -> u64 {
            self.0.get()
        }
    }

    /// Calls of known length; the n-th call's length is `ns(n)`.
    struct FakeJob<F: Fn(u64) -> u64> {
        clock: Fake,
        ns: F,
        calls: u64,
        held: u64,
    }

    impl<F: Fn(u64) -> u64> FakeJob<F> {
        fn spend(&mut self, calls: u64) -> u64 {
            let ns = (0..calls).map(|i| (self.ns)(self.calls + i)).sum();
            self.calls += calls;
            self.clock.0.set(self.clock.0.get() + ns);
            ns
        }
    }

    impl<F: Fn(u64) -> u64> Job for FakeJob<F> {
        fn latency(&mut self, calls: u64) -> OpResult<Block> {
            Ok(Block { block_ns: self.spend(calls), ..Block::default() })
        }

        fn throughput(&mut self, calls: u64) -> OpResult<Block> {
            let block_ns = self.spend(calls);
            let block4_ns = self.spend(4 * calls);
            Ok(Block { block_ns, block4_ns: Some(block4_ns), submit4_ns: Some(block4_ns / 2), ..Block::default() })
        }

        fn transfer(&mut self, calls: u64) -> OpResult<Block> {
            self.latency(calls)
        }

        fn held_bytes_per_call(&self) -> u64 {
            self.held
        }
    }

    const SAMPLING: Sampling = Sampling {
        warm_up_s: 0.3,
        max_warm_up_s: 5.0,
        sample_s: 1.0,
        precision: None,
        min_samples: 15,
        max_samples: 1000,
        min_block_s: 0.01,
        max_block_s: 0.5,
    };
    const FLOOR: Floor = Floor { resolution_ns: 20, finish_spread_ns: 50 };

    fn sampled(mode: Mode, held: u64, ns: impl Fn(u64) -> u64) -> (Samples, Vec<Block>) {
        sampled_with(&SAMPLING, mode, held, ns)
    }

    fn sampled_with(sampling: &Sampling, mode: Mode, held: u64, ns: impl Fn(u64) -> u64) -> (Samples, Vec<Block>) {
        let clock = Fake::default();
        let mut job = FakeJob { clock: clock.clone(), ns, calls: 0, held };
        let mut emitted = Vec::new();
        let samples = sample(&mut job, mode, sampling, FLOOR, &clock, |block| emitted.push(*block)).unwrap();
        (samples, emitted)
    }

    #[test]
    fn short_calls_are_bundled_into_blocks_of_the_least_length() {
        let (samples, emitted) = sampled(Mode::Latency, 1, |_| 3_000);
        assert_eq!(samples.calls, 4096, "the first power of two with 10 ms");
        assert!(samples.block_ns.iter().all(|&ns| ns == 4096 * 3_000));
        assert_eq!(samples.block_ns.len(), 82, "as many as fill a second");
        assert_eq!(emitted.len(), 82);
        assert!(samples.warm_up_ns >= 300_000_000 && samples.warm_up_ns < 500_000_000);
        assert_eq!(samples.flags, []);
    }

    #[test]
    fn one_slow_call_does_not_end_the_calibration() {
        let (samples, _) = sampled(Mode::Latency, 1, |n| if n == 0 { 60_000_000 } else { 3_000 });
        assert_eq!(samples.calls, 4096);
    }

    #[test]
    fn a_coarse_floor_makes_longer_blocks() {
        let clock = Fake::default();
        let mut job = FakeJob { clock: clock.clone(), ns: |_| 1_000_000, calls: 0, held: 1 };
        let floor = Floor { resolution_ns: 40_000, finish_spread_ns: 0 };
        let samples = sample(&mut job, Mode::Latency, &SAMPLING, floor, &clock, |_| ()).unwrap();
        assert_eq!(samples.calls, 64, "40 ms are wanted");
    }

    #[test]
    fn long_calls_stand_alone_and_end_early() {
        let (samples, _) = sampled(Mode::Latency, 1, |_| 2_000_000_000);
        assert_eq!(samples.calls, 1);
        assert_eq!(samples.block_ns.len(), 5, "ten times the sampling time, in calls of two seconds");
        assert!(samples.flags.contains(&Flag::FewSamples));
    }

    #[test]
    fn warm_up_lasts_until_the_times_settle() {
        // The first thousand calls take up to twice as long.
        let (samples, _) = sampled(Mode::Latency, 1, |n| 1_000_000 + 1_000_000 * (1000u64.saturating_sub(n)) / 1000);
        assert!(samples.warm_up_ns > 1_000_000_000, "{}", samples.warm_up_ns);
        assert_eq!(samples.flags, []);
        let per_call = samples.block_ns[0] / samples.calls;
        assert!((1_000_000..1_050_000).contains(&per_call), "{per_call}");
    }

    #[test]
    fn what_never_settles_is_flagged() {
        let (samples, _) = sampled(Mode::Latency, 1, |n| 1_000_000 + n * 2_000);
        assert!(samples.flags.contains(&Flag::NeverWarm));
    }

    #[test]
    fn scatter_is_not_taken_for_a_drift() {
        // Calls of 20 ms that scatter by a tenth both ways, as on a busy virtual machine.
        let mut fill = Fill::new(7, "scatter");
        let noise: Vec<u64> = (0..1000).map(|_| 18_000_000 + fill.below(4_000_000) as u64).collect();
        let (samples, _) = sampled(Mode::Latency, 1, |n| noise[n as usize % noise.len()]);
        assert_eq!(samples.flags, []);
    }

    #[test]
    fn a_median_that_is_known_well_enough_ends_the_sampling() {
        let precise = Sampling { precision: Some(0.005), ..SAMPLING };
        let count = |ns: fn(u64) -> u64| sampled_with(&precise, Mode::Latency, 1, ns).0.block_ns.len();
        assert_eq!(count(|_| 12_000_000), 15, "the fewest samples, of equal blocks");
        assert_eq!(count(|n| 10_000_000 + 4_000_000 * (n % 2)), 84, "as many as fill a second, of 10 and 14 ms");
        let throughput = sampled_with(&precise, Mode::Throughput, 1, |_| 12_000_000).0;
        assert_eq!(throughput.block_ns.len(), 15, "what is known is the difference of long and short blocks");
    }

    #[test]
    fn throughput_holds_no_more_than_its_memory() {
        let (samples, emitted) = sampled(Mode::Throughput, 16 << 20, |_| 1_000);
        assert_eq!(samples.calls, 8, "32 calls of 16 MiB in flight are 512 MiB");
        assert!(emitted.iter().all(|b| b.block4_ns == Some(4 * b.block_ns)));
        assert_eq!(samples.block4_ns.len(), samples.block_ns.len());
        assert_eq!(samples.flags, []);
    }

    #[test]
    fn a_first_call_is_one_call() {
        let (samples, emitted) = sampled(Mode::FirstCall, 1, |n| if n == 0 { 7_000 } else { 1 });
        assert_eq!((samples.calls, samples.block_ns, emitted.len()), (1, vec![7_000], 1));
    }

    #[test]
    fn submitting_most_of_the_time_is_flagged() {
        let samples = Samples { block4_ns: vec![100, 110], submit4_ns: vec![95, 105], ..Samples::default() };
        assert!(dispatch_bound(&samples));
        let samples = Samples { block4_ns: vec![100, 110], submit4_ns: vec![50, 60], ..Samples::default() };
        assert!(!dispatch_bound(&samples));
        assert!(!dispatch_bound(&Samples::default()));
    }
}
